"""People come in by a link that works once, and stay in by a cookie."""

import html
import re
import urllib.parse

from fgkeras.web.answers import header_values
from fgkeras.web.answers import send_sentence

# A year: how long somebody stays in is not decided by a date.
_COOKIE_SECONDS = 365 * 24 * 3600


class Access:
    """ASGI middleware that lets in people with a link or a cookie.

    Use it inside of `Guard`, around the pages that people label with. A `GET`
    of any path with `?token=...` redeems the token, sets the cookie
    (`HttpOnly`, `SameSite=Strict`) and leads with 303 to the same path without
    the token, which so leaves the address bar and the history. A token that
    was used, or none, is 401 on every path: pages, pictures, scripts.

    Cookies of a host are shared by its ports: a name of its own keeps those of
    two servers apart.

    Handlers find the person as `request.state.person`.

    Args:
        app: The ASGI application.
        sessions: `Sessions`.
        project: String of letters, digits, `_` and `-`, up to 40, that names
            the cookie and stays when the server starts again on another port;
            `None` takes the port. Defaults to `None`.

    Raises:
        ValueError: If `project` is of no such form.

    Example:

    >>> from starlette.applications import Starlette
    >>> from starlette.testclient import TestClient
    >>> from fgkeras.web.sessions import MemorySessions
    >>> sessions = MemorySessions()
    >>> client = TestClient(Access(Starlette(), sessions))
    >>> link = entry_link("http://testserver", sessions.invite("Ann"))
    >>> client.get("/").status_code, client.get(link).status_code
    (401, 404)
    """

    def __init__(self, app, sessions, *, project=None):
        if project is not None and not re.fullmatch(
            "[A-Za-z0-9_-]{1,40}", project
        ):
            raise ValueError(
                "A project names its cookie: up to 40 letters, digits, _ "
                f"and -. Received: project={project!r}. Leave it out to take "
                "the port."
            )
        self._app = app
        self._sessions = sessions
        self._project = project

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = self._cookie_name(scope)
        token = _token(scope)
        if token is not None:
            await self._enter(scope, send, name, token)
            return
        person = None
        for cookie in _cookies(scope, name):
            person = person or self._sessions.person_of(cookie)
        if person is None:
            await send_sentence(
                scope,
                send,
                401,
                "You come in by the link that was sent to you, which works "
                "once and in one browser. If it was used, ask for a new one. "
                "If you came in before, type this address instead of "
                "following it from another page.",
            )
            return
        state = {**scope.get("state", {}), "person": person}
        await self._app({**scope, "state": state}, receive, send)

    async def _enter(self, scope, send, name, token):
        # What a browser fetches ahead uses up no link.
        ahead = header_values(scope, "sec-purpose") or header_values(
            scope, "purpose"
        )
        found = None
        if scope["method"] == "GET" and not ahead:
            found = self._sessions.redeem(token)
        if found is None:
            await send_sentence(
                scope,
                send,
                401,
                "This link works once, and it was used or is not whole. Ask "
                "for a new one. If you came in with it in this browser, open "
                "the same address without what follows the question mark.",
            )
            return
        place = _without_token(scope)
        cookie = (
            f"{name}={found[1]}; HttpOnly; SameSite=Strict; Path=/; "
            f"Max-Age={_COOKIE_SECONDS}"
        )
        if scope.get("scheme") == "https":
            cookie += "; Secure"
        headers = [(b"set-cookie", cookie.encode())]
        # Who follows a link on another page, as in mail, is led on by that
        # page's word, and a strict cookie stays at home: the browser must
        # go on from a page of ours.
        site = header_values(scope, "sec-fetch-site")
        if site and site[0] not in ("none", "same-origin"):
            shown = html.escape(place)
            page = (
                '<!doctype html><meta charset="utf-8"><title>Welcome</title>'
                f'<meta http-equiv="refresh" content="0;url={shown}">'
                f'<p><a href="{shown}">Go on</a></p>'
            )
            headers.append((b"content-type", b"text/html; charset=utf-8"))
            await _send(send, 200, headers, page.encode())
        else:
            headers.append((b"location", place.encode("ascii")))
            await _send(send, 303, headers, b"")

    def _cookie_name(self, scope):
        if self._project is not None:
            return f"fgkeras-{self._project}"
        server = scope.get("server") or ("", None)
        return f"fgkeras-port-{server[1]}"


def entry_link(url, token):
    """Returns the link that lets a person in once.

    Args:
        url: String, where the person is to arrive, such as
            `"http://127.0.0.1:8000"`.
        token: String, from `invite`.

    Example:

    >>> entry_link("http://127.0.0.1:8000", "Zm9v")
    'http://127.0.0.1:8000/?token=Zm9v'
    """
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.urlencode({"token": token})
    return urllib.parse.urlunsplit(
        (parts.scheme, parts.netloc, parts.path or "/", query, "")
    )


async def _send(send, status, headers, body):
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": headers}
    )
    await send({"type": "http.response.body", "body": body})


def _query(scope):
    text = scope.get("query_string", b"").decode("latin-1")
    return urllib.parse.parse_qsl(text, keep_blank_values=True)


def _token(scope):
    """The token of a request; two are none that works."""
    found = [value for key, value in _query(scope) if key == "token"]
    if not found:
        return None
    return found[0] if len(found) == 1 else ""


def _without_token(scope):
    """Path and query for the way on, always on this server."""
    # Two slashes at the start would lead to another host.
    path = "/" + urllib.parse.quote(scope["path"].lstrip("/\\"))
    rest = [(key, value) for key, value in _query(scope) if key != "token"]
    return path + ("?" + urllib.parse.urlencode(rest) if rest else "")


def _cookies(scope, name):
    """All values of a cookie: an older one of a longer path may come first."""
    pairs = (
        part.strip().partition("=")
        for line in header_values(scope, "cookie")
        for part in line.split(";")
    )
    return [value for key, _, value in pairs if key == name]
