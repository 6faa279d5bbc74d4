import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fgkeras.web.allowed_origins import AllowedOrigins

OWN = "http://localhost:8000"


def allow(sites=(), origins=(), host="localhost:8000", added=()):
    asked = AllowedOrigins(added)
    return asked.allow(host, "http", list(sites), list(origins))


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_a_page_of_ours_sends_passes(site):
    assert allow([site])
    assert allow([site], [OWN])
    assert allow([], [OWN])
    assert allow()  # A script.


@pytest.mark.parametrize("origins", [[], [OWN], ["null"]])
@pytest.mark.parametrize(
    "site", ["cross-site", "same-site", "", "Same-Origin", "same-origin,none"]
)
def test_other_pages_are_refused_whatever_the_origin(site, origins):
    assert not allow([site], origins)


FOREIGN = [
    "null",
    "",
    "http://evil.example",
    "https://localhost:8000",
    "http://localhost",
    "http://localhost:8001",
    "http://127.0.0.1:8000",
    "http://localhost:8000.evil.example",
    "http://localhost:8000@evil.example",
    "http://localhost:8000/",
    "localhost:8000",
    "//localhost:8000",
    "file://",
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("sites", [[], ["none"], ["same-origin"]])
def test_foreign_origins_are_refused(origin, sites):
    # A page without a referrer sends null, and only a browser can say of it
    # that it is of the same origin.
    expected = origin == "null" and sites == ["same-origin"]
    assert allow(sites, [origin]) == expected


def test_a_port_that_is_not_said_is_the_usual_one():
    assert allow([], ["http://localhost"], host="localhost:80")
    assert allow([], ["http://localhost:80"], host="localhost")


def test_two_headers_are_refused():
    assert not allow(["same-origin", "cross-site"])
    assert not allow([], [OWN, OWN])


def test_origins_that_were_added_pass():
    lab = ["https://Lab.example"]
    assert allow(["cross-site"], ["https://lab.example"], added=lab)
    assert not allow([], ["http://lab.example"], added=lab)
    assert not allow(["cross-site"], [], added=lab)


@pytest.mark.parametrize(
    "origins", ["https://a", ["a"], ["null"], ["https://a/"], ["https://*"]]
)
def test_refuses_origins_that_are_none(origins):
    with pytest.raises(ValueError, match="Received: "):
        AllowedOrigins(origins)


@given(
    st.one_of(
        st.text(max_size=40),
        st.builds(
            "{}://{}{}".format,
            st.sampled_from(["http", "HTTP", "https", "", "ftp"]),
            st.text("localhst:8001.@/", max_size=20),
            st.sampled_from(["", "localhost:8000"]),
        ),
    )
)
def test_what_passes_alone_is_of_this_host_to_others_too(origin):
    if allow([], [origin]):
        parsed = urllib.parse.urlsplit(origin)
        assert (parsed.scheme, parsed.netloc.lower()) == (
            "http",
            "localhost:8000",
        )
        assert parsed.path == parsed.query == parsed.fragment == ""
