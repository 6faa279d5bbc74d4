"""Counts what a server is asked and what it answers."""

import time

_APIS = (
    ("/v1/models/", ":predict", "predict"),
    ("/v1/models/", "", "status"),
    ("/v2/models/", "/infer", "infer"),
    ("/v2/", "", "v2"),
    ("/v2", "", "v2"),
    ("/gallery", "", "gallery"),
    ("/metrics", "", "metrics"),
)


class Counted:
    """ASGI middleware that tells `Metrics` of each answer.

    Put it outermost, so that refusals of the guard count too.

    Args:
        app: The ASGI application.
        metrics: `Metrics`.

    Example:

    >>> import asyncio
    >>> from fgkeras.serving.metrics import Metrics
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200})
    >>> async def send(message):
    ...     pass
    >>> metrics = Metrics()
    >>> scope = {"type": "http", "path": "/metrics"}
    >>> asyncio.run(Counted(app, metrics)(scope, None, send))
    >>> 'code="200"} 1' in metrics.text(waiting=0, versions=[1])
    True
    """

    def __init__(self, app, metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 499  # Who asked has gone.

        async def noting(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - start
            self._metrics.request(api_of(scope["path"]), status, seconds)


def api_of(path):
    """Returns the interface of a path, one of a few words.

    Args:
        path: String.

    Example:

    >>> api_of("/v1/models/birds:predict"), api_of("/style.css")
    ('predict', 'page')
    """
    for start, end, name in _APIS:
        if path.startswith(start) and path.endswith(end):
            return name
    return "page"
