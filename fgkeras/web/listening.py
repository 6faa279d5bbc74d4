"""The place where a server listens: sockets of an address and a port."""

import contextlib
import errno
import ipaddress
import socket

# Where localhost has two addresses, a port that is free in both.
_TRIES = 20


def is_loopback(host):
    """Whether only this machine can reach a host.

    Args:
        host: String, a name or an address, `"[::1]"` as well as `"::1"`.

    Returns:
        Bool, `False` for a name other than `localhost`, whatever it resolves
        to.

    Example:

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(_bare(host))
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    return inner.is_loopback


def remote_warning(host):
    """Returns what to tell who opens a server to other machines.

    Args:
        host: String, see `is_loopback`.

    Returns:
        String, empty for the loopback.

    Example:

    >>> remote_warning("localhost"), remote_warning("0.0.0.0")[:21]
    ('', 'Other machines reach ')
    """
    if is_loopback(host):
        return ""
    return (
        f"Other machines reach this server at {host}, by plain HTTP: who "
        "listens on the way reads pictures, links and cookies. Use it in a "
        "network you trust, or keep 127.0.0.1 and let people come through an "
        "SSH tunnel or a proxy that speaks TLS."
    )


def listening_sockets(host, port):
    """Returns sockets that listen at a host, on one port.

    Args:
        host: String, an address or a name; `"localhost"` means 127.0.0.1 and,
            where there is IPv6, ::1, since browsers try either.
        port: Int from 0 to 65535; 0 takes one that is free.

    Returns:
        List of sockets, which the caller closes.

    Raises:
        ValueError: If the port is out of range, taken or not allowed, or this
            machine has no such host.

    Example:

    >>> (one,) = listening_sockets("127.0.0.1", 0)
    >>> one.getsockname()[1] > 0
    True
    >>> one.close()
    """
    is_whole = isinstance(port, int) and not isinstance(port, bool)
    if not is_whole or not 0 <= port <= 65535:
        raise ValueError(
            "A port lies between 1 and 65535, or is 0 for a free one. "
            f"Received: port={port}."
        )
    if host.lower() != "localhost":
        return [_listening(_bare(host), port)]
    for _ in range(_TRIES):
        first = _listening("127.0.0.1", port)
        try:
            return [first, _listening("::1", first.getsockname()[1])]
        except _Taken:
            first.close()
            if port:
                raise
        except ValueError:  # No IPv6 here.
            return [first]
    raise ValueError(
        "localhost needs a port that is free in 127.0.0.1 and ::1. Received: "
        "none in twenty. Choose 127.0.0.1."
    )


class _Taken(ValueError):
    pass


def _bare(host):
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _listening(host, port):
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    if not host or not found:
        raise ValueError(
            f"A host is one of this machine. Received: host={host!r}. Such as "
            "127.0.0.1."
        )
    family, kind, protocol, _, address = found[0]
    with contextlib.ExitStack() as stack:
        try:
            one = stack.enter_context(socket.socket(family, kind, protocol))
            # A port that a server of ours left a moment ago is free again.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(128)
            one.setblocking(False)
        except OSError as error:
            raise _refusal(error, host, port) from error
        stack.pop_all()
    return one


def _refusal(error, host, port):
    if error.errno == errno.EADDRINUSE:
        return _Taken(
            f"A port has one server. Received: port {port} of {host}, which "
            "another program has. Stop that one, choose another port, or 0 "
            "for a free one."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ValueError(
            f"This user may not open port {port} of {host}. Choose a port "
            "above 1023, or 0 for a free one."
        )
    return ValueError(
        f"A host is one of this machine. Received: host={host!r} "
        f"({error.strerror or error}). Such as 127.0.0.1."
    )
