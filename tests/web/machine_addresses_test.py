import ipaddress
import socket

import pytest

from fgkeras.web import is_wildcard
from fgkeras.web import machine_addresses


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", True),
        ("::", True),
        ("[::]", True),
        ("0:0::0", True),
        ("::ffff:0.0.0.0", True),
        ("0", True),
        ("0x0", True),
        ("", True),
        ("*", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("192.168.0.10", False),
        ("localhost", False),
        ("0.0.0.0.example", False),
    ],
)
def test_all_addresses_have_many_names(host, expected):
    assert is_wildcard(host) == expected


def test_addresses_are_of_this_machine_and_reached_by_others():
    found = machine_addresses()
    assert len(set(found)) == len(found)
    for text in found:
        address = ipaddress.ip_address(text)
        assert not address.is_loopback
        family = {4: socket.AF_INET, 6: socket.AF_INET6}[address.version]
        with socket.socket(family) as one:
            one.bind((text, 0))  # No other machine's can be bound.


def test_a_machine_without_a_network_has_none(monkeypatch):
    def refused(*args, **more):
        raise OSError

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert machine_addresses() == []
