"""A model as an application that a server runs."""

import asyncio
import contextlib
import re
import typing

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.responses import Response
from starlette.routing import Route

from fgkeras.serving import rest
from fgkeras.serving import v2
from fgkeras.serving.answering import Answering
from fgkeras.serving.batcher import Batcher
from fgkeras.serving.counted import Counted
from fgkeras.serving.gallery_api import GalleryApi
from fgkeras.serving.metrics import Metrics
from fgkeras.serving.page import Page
from fgkeras.serving.part_bearer import PartBearer
from fgkeras.web import Guard
from fgkeras.web import digest
from fgkeras.web.refusal import Refusal

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BODIES = 8  # As many of the largest are read at once.
_BODY_SECONDS = 15
_POLL_SECONDS = 2.0


def serving_app(
    versions,
    *,
    name="model",
    batch_size=16,
    batch_wait=0.003,
    queue=256,
    deadline=30.0,
    max_body=16_000_000,
    token=None,
    token_for_all=False,
    writable=False,
    hosts=(),
    port=None,
):
    """Returns an application that answers for a model.

    Run it by `fgkeras.web.serve`. It speaks TensorFlow Serving's REST
    interface and the Open Inference Protocol, and is neither TensorFlow
    Serving nor Triton. Each answer says in `fgkeras-model-version` which
    version gave it. What is refused is answered by `{"error": sentence}`: what
    breaks a rule (400), no such model or version (404), a body that is too
    large (413), a full queue (503 with `Retry-After`), and what has not been
    answered in time (504).

    Args:
        versions: `Versions`; closed when the server ends.
        name: String of up to 64 letters, digits, `.`, `_` and `-`: the model
            in addresses. Defaults to `"model"`.
        batch_size: Int at least 1, pictures of a batch. Defaults to `16`.
        batch_wait: Float, seconds that a batch waits for more, see `Batcher`.
            Defaults to `0.003`.
        queue: Int at least 1, pictures that may wait. Defaults to `256`.
        deadline: Float above 0, seconds until a request is given up. Defaults
            to `30`.
        max_body: Int, bytes of a body; all under way have eight times as many.
            Defaults to 16 million.
        token: String that adding to the gallery needs as `Authorization:
            Bearer TOKEN`, or `None` (default).
        token_for_all: Bool, whether all but the page and the health needs it.
            Defaults to `False`.
        writable: Bool, whether classes can be added to the gallery; it needs
            a token, and `versions` with additions that are writable. Defaults
            to `False`.
        hosts: Names of this machine beside the loopback. Defaults to none.
        port: Int, the port it is served on, or `None` for any (default).

    Returns:
        ASGI application.

    Raises:
        ValueError: If one of these is out of range.

    Example:

    >>> app = serving_app(Versions("runs/birds"))  # doctest: +SKIP
    >>> fgkeras.web.serve(app, port=8501)  # doctest: +SKIP
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            "A model is named by up to 64 letters, digits, dots, _ and -. "
            f"Received: name={name!r}."
        )
    if not deadline > 0:
        raise ValueError(
            f"`deadline` must be above 0 s. Received: deadline={deadline}."
        )
    if (writable or token_for_all) and not token:
        raise ValueError(
            "Who adds to a gallery, and who is let in, sends a token. "
            f"Received: token=None, writable={writable}, "
            f"token_for_all={token_for_all}. Give a token."
        )
    added = versions.additions
    if writable and (added is None or not added.writable):
        raise ValueError(
            "A gallery grows by additions that are writable. Received: "
            "writable=True, versions without. Use Additions(writable=True)."
        )
    metrics = Metrics()
    batcher = Batcher(
        batch_size=batch_size,
        wait=batch_wait,
        queue=queue,
        observe=metrics.batch,
    )
    answering = Answering(versions, batcher, name, deadline)
    gallery = GalleryApi(answering, writable)
    page = Page(answering)

    async def status(request):
        answering.checked(request)
        path = request.path_params
        if "version" in path:
            number = answering.version_of(request).number
            return JSONResponse(rest.status_answer([number], {}))
        return JSONResponse(
            rest.status_answer(versions.numbers(), versions.refused)
        )

    async def metadata(request):
        version = answering.version_of(request)
        return _of(version, rest.metadata_answer(name, version))

    async def live(request):
        return JSONResponse({"live": True})

    async def ready(request):
        return JSONResponse({"ready": True})

    async def model_ready(request):
        version = answering.version_of(request)
        return _of(version, {"name": name, "ready": True})

    async def server(request):
        import fgkeras

        return JSONResponse(
            {
                "name": "fgkeras",
                "version": fgkeras.__version__,
                "extensions": list(v2.EXTENSIONS),
            }
        )

    async def model(request):
        version = answering.version_of(request)
        found = v2.model_metadata(name, version, versions.numbers())
        return _of(version, found)

    async def numbers(request):
        text = metrics.text(
            waiting=batcher.waiting, versions=versions.numbers()
        )
        return Response(text, media_type="text/plain; version=0.0.4")

    def both(path, suffix, endpoint, method="GET"):
        """With a version in the path and without."""
        return [
            Route(f"{path}{middle}{suffix}", endpoint, methods=[method])
            for middle in ("", "/versions/{version}")
        ]

    routes = [
        *both("/v1/models/{model}", ":predict", answering.predict, "POST"),
        *both("/v2/models/{model}", "/infer", answering.infer, "POST"),
        *both("/v1/models/{model}", "/metadata", metadata),
        *both("/v1/models/{model}", "", status),
        *both("/v2/models/{model}", "/ready", model_ready),
        *both("/v2/models/{model}", "", model),
        Route("/v2/health/live", live),
        Route("/v2/health/ready", ready),
        Route("/v2", server),
        Route("/metrics", numbers),
        *gallery.routes(),
        *page.routes(),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(app):
        versions.watch(_POLL_SECONDS)
        yield
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, batcher.close)
        await loop.run_in_executor(None, versions.close)
        if added is not None:
            added.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={Refusal: _refused, HTTPException: _missing},
    )
    app.router.redirect_slashes = False
    inner: typing.Any = app
    if token:
        tokens = {digest(token): "client"}
        inner = PartBearer(app, tokens, everything=token_for_all)
    guarded = Guard(
        inner,
        hosts=hosts,
        port=port,
        limit=max_body,
        total=_BODIES * max_body,
        seconds=_BODY_SECONDS,
        types=["application/octet-stream"],
        headers=[v2.HEADER],
        scripts=True,
    )
    return Counted(guarded, metrics)


def _of(version, content):
    return JSONResponse(
        content, headers={"fgkeras-model-version": str(version.number)}
    )


def _refused(request, refusal):
    headers = {"retry-after": "1"} if refusal.status == 503 else {}
    return JSONResponse({"error": refusal.sentence}, refusal.status, headers)


def _missing(request, error):
    sentence = {404: "There is nothing here.", 405: "Not this way."}
    words = sentence.get(error.status_code, error.detail)
    return JSONResponse({"error": words}, error.status_code)
