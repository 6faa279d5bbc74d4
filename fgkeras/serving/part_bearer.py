"""A token for what needs one, and none for the page itself."""

from fgkeras.web import Bearer

# What shows nothing of the model's answers, and health that machines ask for.
_OPEN = ("/", "/favicon.ico", "/v2/health/live", "/v2/health/ready")
_WRITING = "/gallery/classes"


class PartBearer:
    """ASGI middleware that asks for a token where one is needed.

    Args:
        app: The ASGI application.
        tokens: As `fgkeras.web.Bearer` takes them.
        everything: Bool, whether all but the page and the health needs one, or
            else only what adds to the gallery.

    Example:

    >>> from starlette.applications import Starlette
    >>> from starlette.testclient import TestClient
    >>> from fgkeras.web import digest
    >>> tokens = {digest("secret"): "client"}
    >>> app = PartBearer(Starlette(), tokens, everything=True)
    >>> client = TestClient(app)
    >>> client.get("/").status_code, client.get("/metrics").status_code
    (404, 401)
    """

    def __init__(self, app, tokens, *, everything):
        self._app = app
        self._bearer = Bearer(app, tokens)
        self._everything = everything

    async def __call__(self, scope, receive, send):
        app = self._bearer if self._needs_one(scope) else self._app
        await app(scope, receive, send)

    def _needs_one(self, scope):
        if scope["type"] != "http":
            return False
        path = scope["path"]
        if path == _WRITING:
            return True
        is_open = path in _OPEN or path.startswith("/static/")
        return self._everything and not is_open
