"""Addresses under which other machines reach this one."""

import ipaddress
import socket

# Of documentation (RFC 5737, RFC 3849): a route to them is the usual way out.
_OUTSIDE = (
    (socket.AF_INET, "192.0.2.1"),
    (socket.AF_INET6, "2001:db8::1"),
)


def machine_addresses():
    """Returns addresses of this machine that others may reach.

    Use it to say which ones there are where somebody asked for all. Nothing is
    sent. Machines have more addresses than are found, such as those of a
    second network.

    Returns:
        List of strings, those of the usual way out first, without loopback,
        link-local ones and repetitions; may be empty.

    Example:

    >>> any(is_wildcard(address) for address in machine_addresses())
    False
    """
    found = []
    for family, outside in _OUTSIDE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as one:
                one.connect((outside, 9))  # Of UDP: it only picks a route.
                found.append(one.getsockname()[0])
        except OSError:
            continue
    try:
        named = socket.getaddrinfo(
            socket.gethostname(), None, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        named = []
    found += [address[0] for *_, address in named]
    return [text for text in dict.fromkeys(found) if _reaches(text)]


def is_wildcard(host):
    """Whether a host means all addresses of a machine.

    Args:
        host: String, a name or an address, with brackets or without.

    Example:

    >>> is_wildcard("0.0.0.0"), is_wildcard("[::]"), is_wildcard("10.0.0.1")
    (True, True, False)
    """
    bare = host.strip().removeprefix("[").removesuffix("]")
    if bare in ("", "*"):
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        try:  # Also "0" and "0x0" are addresses, in the words of old.
            return socket.inet_aton(bare) == bytes(4)
        except OSError:
            return False
    inner = getattr(address, "ipv4_mapped", None) or address
    return inner.is_unspecified


def _reaches(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # Of a zone, as fe80::1%eth0.
        return False
    local = address.is_loopback or address.is_link_local
    return not (local or address.is_unspecified)
