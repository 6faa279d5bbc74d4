"""Which pages may change something on a server."""

from fgkeras.web.allowed_hosts import split_host

_PORTS = {"http": 80, "https": 443}


class AllowedOrigins:
    """Pages whose unsafe requests are answered: those of this server.

    Use it against forms and scripts of other pages, which send the cookies of
    this server along. What a browser tells of the page decides:

    - `Sec-Fetch-Site` must be `same-origin` or `none`, if it is there;
    - `Origin` must be this server, if it is there. `null` passes only with
      `same-origin` beside it, which no script can forge: so does a page with
      `Referrer-Policy: no-referrer` send in some modes.

    Every browser since 2020 sends one of them with each unsafe request. Who
    sends neither is a script, such as curl, and has no cookie but its own.

    Args:
        origins: Origins that may send beside this server, such as
            `"https://lab.example"` where a proxy speaks TLS. Defaults to none.

    Raises:
        ValueError: If one is no origin.

    Example:

    >>> origins = AllowedOrigins()
    >>> origins.allow("localhost:8000", "http", [], ["http://localhost:8000"])
    True
    >>> origins.allow("localhost:8000", "http", ["cross-site"], [])
    False

    Reference:
        The algorithm is that of `CrossOriginProtection` in Go 1.25, which
        believes `same-origin` whatever the `Origin`.
    """

    def __init__(self, origins=()):
        if isinstance(origins, str):
            raise ValueError(
                "origins must be a list. Received: "
                f"origins={origins!r}. Put it in brackets."
            )
        for origin in origins:
            scheme, _, host = origin.lower().partition("://")
            if scheme not in _PORTS or split_host(host) is None:
                raise ValueError(
                    "An origin is a scheme and a host. Received: "
                    f"{origin!r}. Such as https://lab.example, without a path."
                )
        self._origins = {origin.lower() for origin in origins}

    def allow(self, host, scheme, sites, origins):
        """Whether an unsafe request comes from an allowed page.

        Args:
            host: String, its `Host`.
            scheme: String, `"http"` or `"https"`.
            sites: List of strings, its `Sec-Fetch-Site` headers.
            origins: List of strings, its `Origin` headers.
        """
        if len(sites) > 1 or len(origins) > 1:
            return False
        if origins and origins[0].lower() in self._origins:
            return True
        if sites and sites[0] not in ("same-origin", "none"):
            return False
        if not origins or _is_own(origins[0], scheme, host):
            return True
        return origins[0] == "null" and sites == ["same-origin"]


def _is_own(origin, scheme, host):
    """Whether an origin is the scheme and the host of its request."""
    said, _, there = origin.lower().partition("://")
    found, own = split_host(there), split_host(host)
    if said != scheme or found is None or own is None:
        return False
    usual = _PORTS.get(said)
    return (found[0], found[1] or usual) == (own[0], own[1] or usual)
