"""The names under which a server may be asked."""

import re

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_NAME = r"\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9_.-]{0,251}[a-z0-9])?"
_FORM = re.compile(rf"({_NAME})(?::([0-9]{{1,5}}))?", re.ASCII)


class AllowedHosts:
    """Hosts whose requests are answered, by exact name.

    Use it against DNS rebinding: a page of `evil.example`, whose name now
    resolves to 127.0.0.1, reaches the server, but its `Host` gives it away.

    Args:
        hosts: Names beside those of the loopback, such as `"lab.example"` for
            any port or `"lab.example:8000"` for one. Defaults to none.
        port: Int, the one port of the loopback names, or `None` for any, as
            behind a tunnel. Defaults to `None`.

    Raises:
        ValueError: If a name is none, such as a URL or a pattern.

    Example:

    >>> hosts = AllowedHosts(["lab.example"], port=8000)
    >>> hosts.allow("localhost:8000"), hosts.allow("LAB.example:9")
    (True, True)
    >>> hosts.allow("127.0.0.1.evil.example:8000"), hosts.allow("localhost:1")
    (False, False)
    """

    def __init__(self, hosts=(), port=None):
        if isinstance(hosts, str):
            raise ValueError(
                f"hosts must be a list of names. Received: hosts={hosts!r}. "
                "Put it in brackets."
            )
        if port is not None and not 0 < port < 65536:
            raise ValueError(
                "port must lie between 1 and 65535. Received: "
                f"port={port}. Leave it out to allow any."
            )
        self._allowed = {(name, port) for name in LOOPBACK}
        for host in hosts:
            found = split_host(host)
            if found is None:
                raise ValueError(
                    "A host is a name or an address, with a port or without. "
                    f"Received: {host!r}. Such as lab.example or "
                    "[2001:db8::1]:8000, without http:// and without *."
                )
            self._allowed.add(found)

    def allow(self, host):
        """Whether the value of a `Host` header is one of them.

        Args:
            host: String.
        """
        found = split_host(host)
        if found is None:
            return False
        name, port = found
        # Of HTTP the port that is not said is 80.
        return (name, None) in self._allowed or (
            name,
            port or 80,
        ) in self._allowed


def split_host(host):
    """Returns name and port of a `Host` header, or `None` if it is no host.

    Args:
        host: String, such as `"Localhost:8000"`.

    Returns:
        Tuple of the name in lower case and the port, an int, or `None` where
        none is said; `None` for an empty text, a space, a dot at the end, a
        port that is none, or anything that is not ASCII.

    Example:

    >>> split_host("Localhost:8000"), split_host("[::1]"), split_host("a b")
    (('localhost', 8000), ('[::1]', None), None)
    """
    if not host.isascii():
        return None
    match = _FORM.fullmatch(host.lower())
    if match is None:
        return None
    port = None if match[2] is None else int(match[2])
    if port is not None and not 0 < port < 65536:
        return None
    return match[1], port
