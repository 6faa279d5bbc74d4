import urllib.parse

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from fgkeras.web.allowed_hosts import AllowedHosts
from fgkeras.web.allowed_hosts import split_host

NAMES = {"localhost", "127.0.0.1", "::1"}
HOSTILE = [
    "",
    " ",
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8000",
    "localhost.",
    "localhost.:8000",
    ".localhost",
    "localhost.evil.example",
    "evil-localhost",
    "localhost:",
    "localhost:0",
    "localhost:65536",
    "localhost:8000:8000",
    "localhost:+80",
    "localhost:\u0661",
    "localhost\n",
    " localhost",
    "localhost/",
    "localhost#@evil.example",
    "evil.example@localhost",
    "http://localhost",
    "localhost,evil.example",
    "127.1",
    "127.0.0.2",
    "0.0.0.0",
    "2130706433",
    "0x7f.0.0.1",
    "::1",
    "[::1",
    "[::1]x",
    "[::]",
    "[0:0:0:0:0:0:0:1%lo]",
    "loc\u212alhost",
    "\uff4cocalhost",
]


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("port", [None, 8000])
def test_refuses_what_is_not_the_loopback(host, port):
    assert not AllowedHosts(port=port).allow(host)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_allows_the_loopback_with_the_port_served(name):
    assert AllowedHosts().allow(name)
    assert AllowedHosts().allow(f"{name}:1234")
    assert AllowedHosts(port=8000).allow(f"{name.upper()}:8000")
    assert not AllowedHosts(port=8000).allow(f"{name}:8001")
    assert not AllowedHosts(port=8000).allow(name)
    assert AllowedHosts(port=80).allow(name)


def test_allows_names_that_were_added_and_no_others():
    hosts = AllowedHosts(["lab.example", "[2001:db8::1]:8443"], port=8000)
    assert hosts.allow("Lab.Example")
    assert hosts.allow("lab.example:9")
    assert hosts.allow("[2001:db8::1]:8443")
    assert not hosts.allow("[2001:db8::1]")
    assert not hosts.allow("x.lab.example")
    assert not hosts.allow("lab.example.x")


@given(
    st.one_of(
        st.text(max_size=40),
        st.text("localhst127.:[]0 @/\\%evi-", max_size=30),
        st.sampled_from(HOSTILE + ["localhost", "127.0.0.1:80", "[::1]:7"]),
    )
)
@example("localhost:00080")
def test_what_is_allowed_is_the_loopback_to_others_too(host):
    if not AllowedHosts().allow(host):
        return
    parsed = urllib.parse.urlsplit(f"//{host}")
    assert parsed.hostname in NAMES
    assert parsed.netloc == host
    assert parsed.path == parsed.query == ""
    assert parsed.username is None
    assert parsed.port is None or 0 < parsed.port < 65536
    assert split_host(host)[1] == parsed.port


@pytest.mark.parametrize(
    "hosts", ["lab.example", ["*"], ["*.lab.example"], ["http://a"], [""]]
)
def test_refuses_names_that_are_none(hosts):
    with pytest.raises(ValueError, match="Received: "):
        AllowedHosts(hosts)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_refuses_ports_that_are_none(port):
    with pytest.raises(ValueError, match=f"port={port}"):
        AllowedHosts(port=port)
