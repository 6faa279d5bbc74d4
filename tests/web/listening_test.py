import socket

import pytest

from fgkeras.web import is_loopback
from fgkeras.web import remote_warning
from fgkeras.web.listening import listening_sockets


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def closed(sockets):
    names = [one.getsockname()[:2] for one in sockets]
    for one in sockets:
        one.close()
    return names


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("localhost.", False),
        ("127.1", False),
        ("127.0.0.1.evil.example", False),
        ("::ffff:10.0.0.1", False),
        ("192.168.0.1", False),
    ],
)
def test_the_loopback_is_of_this_machine_alone(host, expected):
    assert is_loopback(host) == expected
    warning = remote_warning(host)
    assert (warning == "") == expected
    assert expected or "plain HTTP" in warning


def test_a_free_port_is_taken_and_then_no_more():
    (one,) = listening_sockets("127.0.0.1", 0)
    host, port = one.getsockname()
    try:
        with pytest.raises(ValueError, match=f"port {port} of 127.0.0.1"):
            listening_sockets("127.0.0.1", port)
        with pytest.raises(ValueError, match="another port"):
            listening_sockets("localhost", port)
    finally:
        one.close()
    assert closed(listening_sockets("127.0.0.1", port)) == [(host, port)]


@ipv6
def test_localhost_is_both_addresses_on_one_port():
    first, second = closed(listening_sockets("localhost", 0))
    assert (first[0], second[0]) == ("127.0.0.1", "::1")
    assert first[1] == second[1]
    assert closed(listening_sockets("[::1]", 0))[0][0] == "::1"


@ipv6
def test_localhost_is_refused_where_its_other_address_has_a_server():
    (other,) = listening_sockets("::1", 0)
    port = other.getsockname()[1]
    try:
        with pytest.raises(ValueError, match=f"port {port} of ::1"):
            listening_sockets("localhost", port)
    finally:
        other.close()
    # What was opened on the way is closed.
    closed(listening_sockets("localhost", port))


@pytest.mark.parametrize("port", [-1, 65536, True, None, "80", 80.0])
def test_refuses_ports_that_are_none(port):
    with pytest.raises(ValueError, match="port="):
        listening_sockets("127.0.0.1", port)


@pytest.mark.parametrize("host", ["", "192.0.2.1", "no such host", "a" * 300])
def test_refuses_hosts_of_others(host):
    with pytest.raises(ValueError, match="one of this machine"):
        listening_sockets(host, 0)
