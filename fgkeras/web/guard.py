"""What stands between a local server and the other pages of a browser."""

import logging

from fgkeras.web.allowed_hosts import AllowedHosts
from fgkeras.web.allowed_hosts import split_host
from fgkeras.web.allowed_origins import AllowedOrigins
from fgkeras.web.answers import header_values
from fgkeras.web.answers import send_sentence
from fgkeras.web.guarded_response import GuardedResponse
from fgkeras.web.refusal import Refusal
from fgkeras.web.whole_body import Budget
from fgkeras.web.whole_body import WholeBody

_SAFE = ("GET", "HEAD", "OPTIONS")
_JSON = "application/json"
# What a form, or a script of another page without asking first, can send: see
# https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
_OF_FORMS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
)
_OF_ANYBODY = (
    "accept",
    "accept-language",
    "content-language",
    "content-type",
    "range",
)
_log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware that refuses what no page or script of ours sends.

    Put it outermost, around who may come in: `Guard(Access(app, sessions))`
    for people, `Guard(Bearer(app, tokens))` for scripts. Before any handler it
    holds a request to

    - its host: the loopback or a name that was allowed, said once (400, 403);
    - its origin, where the method changes something (403), see
      `AllowedOrigins`;
    - its content type, which must be `application/json` where the method
      changes something, also without a body: no form of another page can send
      that (415); `types` and `headers` allow more of that kind, and `scripts`
      any of who is no browser;
    - its body, read whole, at most `limit` bytes within `seconds` (413, 408),
      and as long as it says (400); with all others at most `total` (503).

    Each response, of a handler or of an error, has `SECURITY_HEADERS`, and
    `Cache-Control: no-store` if the handler says nothing else. An exception
    goes to the log, and a plain 500 without its text to the other side. Web
    sockets are closed.

    Args:
        app: The ASGI application.
        hosts: Names of hosts beside the loopback, see `AllowedHosts`. Defaults
            to none.
        port: Int, the port of the loopback names, or `None` for any. Defaults
            to `None`.
        origins: Origins beside this server, see `AllowedOrigins`. Defaults to
            none.
        limit: Int, bytes of a body. Defaults to `64_000`.
        seconds: Float, until a body must be there. Defaults to `30`.
        types: Sequence of content types beside JSON that no form can send,
            such as `"application/octet-stream"`. Defaults to none.
        headers: Sequence of names of headers whose presence stands for a
            content type, for clients that send none: names of an application,
            which a page of another server may not send unasked. Defaults to
            none.
        total: Int, bytes that all bodies under way may have together, or
            `None` (default) for any number.
        scripts: Bool, whether the content type is no matter of who sends
            neither `Sec-Fetch-Site` nor `Origin`, as every browser since 2020
            does: `curl -d` says that JSON is a form. For a server that has no
            cookies, and whose answers change nothing. Defaults to `False`.

    Raises:
        ValueError: If one of these is out of range or of no such form.

    Example:

    >>> from starlette.applications import Starlette
    >>> from starlette.testclient import TestClient
    >>> guarded = Guard(Starlette())
    >>> TestClient(guarded, base_url="http://evil.example").get("/").status_code
    403
    >>> TestClient(guarded, base_url="http://localhost").get("/").status_code
    404
    """

    def __init__(
        self,
        app,
        *,
        hosts=(),
        port=None,
        origins=(),
        limit=64_000,
        seconds=30,
        types=(),
        headers=(),
        total=None,
        scripts=False,
    ):
        if limit < 1:
            raise ValueError(
                f"limit must be at least 1 byte. Received: limit={limit}. "
                "Usual is 64_000."
            )
        if not seconds > 0:
            raise ValueError(
                f"seconds must be above 0. Received: seconds={seconds}. Usual "
                "is 30."
            )
        _refuse_open(types, headers)
        if total is not None and total < limit:
            raise ValueError(
                f"total must be at least limit, {limit}. Received: "
                f"total={total}."
            )
        self._app = app
        self._types = {_JSON, *(kind.lower() for kind in types)}
        self._headers = tuple(name.lower() for name in headers)
        self._scripts = scripts
        self._budget = Budget(total)
        self._hosts = AllowedHosts(hosts, port)
        self._origins = AllowedOrigins(origins)
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        response = GuardedResponse(send)
        body = WholeBody(scope, receive, self._budget)
        try:
            self._check(scope)
            if await body.read(self._limit, self._seconds) is None:
                return  # Who asked has gone.
            await self._app(scope, body.receive, response.send)
        except Refusal as refusal:
            await body.drop()
            # What cannot be understood says nothing of what comes after it.
            response.close = refusal.status == 400 or not body.is_there
            again = [(b"retry-after", b"1")] if refusal.status == 503 else []
            await send_sentence(
                scope, response.send, refusal.status, refusal.sentence, again
            )
        except Exception:
            _log.exception("A request failed: %s", scope["method"])
            if response.is_sent:
                return  # The server cuts off what is half there.
            sentence = "The server failed. Its log says where."
            await send_sentence(scope, response.send, 500, sentence)
        finally:
            body.give_back()
        await response.release()

    def _check(self, scope):
        """Raises `Refusal` for what the head of a request tells."""
        hosts = header_values(scope, "host")
        if len(hosts) != 1 or split_host(hosts[0]) is None:
            raise Refusal(400, "A request names one host.")
        if not self._hosts.allow(hosts[0]):
            raise Refusal(
                403,
                "This server does not answer under that name. Open the "
                "address that it printed when it started.",
            )
        path = scope["path"]
        if not path.startswith("/") or not path.isprintable():
            raise Refusal(400, "A request names a path.")
        if scope["method"] in _SAFE:
            return
        sites = header_values(scope, "sec-fetch-site")
        origins = header_values(scope, "origin")
        scheme = scope.get("scheme", "http")
        if not self._origins.allow(hosts[0], scheme, sites, origins):
            raise Refusal(
                403,
                "Another page may change nothing here. Use the page of this "
                "server.",
            )
        if self._scripts and not sites and not origins:
            return
        types = header_values(scope, "content-type")
        kind = types[0].partition(";")[0].strip() if len(types) == 1 else ""
        if kind.lower() in self._types:
            return
        if not types and any(header_values(scope, n) for n in self._headers):
            return
        raise Refusal(
            415, "What changes something is sent as application/json."
        )


def _refuse_open(types, headers):
    """Refuses what would let other pages in."""
    wrong = [t for t in types if t.lower() in _OF_FORMS or "/" not in t]
    wrong += [n for n in headers if n.lower() in _OF_ANYBODY or not n]
    if wrong or isinstance(types, str) or isinstance(headers, str):
        raise ValueError(
            "types and headers are lists of what no other page sends unasked. "
            f"Received: types={types!r}, headers={headers!r}. Such as "
            "application/octet-stream."
        )
