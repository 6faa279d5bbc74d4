"""The labelling page as an application that a server runs."""

import asyncio
import concurrent.futures
import contextlib
import functools
import sqlite3

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.responses import JSONResponse
from starlette.responses import Response
from starlette.routing import Route

from fgkeras.bootstrap.page import queries
from fgkeras.bootstrap.page.api import Api
from fgkeras.bootstrap.page.exemplars import exemplar_image
from fgkeras.bootstrap.page.pictures import NoPicture
from fgkeras.bootstrap.page.pictures import PictureChanged
from fgkeras.bootstrap.page.pictures import Pictures
from fgkeras.bootstrap.page.site import site_of
from fgkeras.bootstrap.page.views import NoSuchClass
from fgkeras.bootstrap.page.views import Views
from fgkeras.bootstrap.store import NotServed
from fgkeras.bootstrap.store import Paused
from fgkeras.bootstrap.store import RequestReused
from fgkeras.bootstrap.store import StoreFull
from fgkeras.web import Access
from fgkeras.web import Guard
from fgkeras.web import PackageFiles
from fgkeras.web.content_response import content_response

# Each holds a connection to the store: eight in all.
_THREADS = {"answers": 4, "pictures": 3, "ahead": 1}
_FILES = ("label.js", "cards.js", "grid.js", "history.js", "style.css")
_PAGES = (
    "home",
    "card",
    "grid",
    "history",
    "adjudicate",
    "labeller",
    "labellers",
)
_ASKED = ("cards", "page", "conflicts", "exemplars", "progress", "history")
_TOLD = ("decide", "commit", "undo", "adjudicate")
_STATUS = (
    (StoreFull, 507),
    (Paused, 403),
    (RequestReused, 409),
    (NotServed, 409),
    (PictureChanged, 409),
    (NoPicture, 404),
    (ValueError, 400),
)
_NUMBERS = 2**62
_AHEAD = {"cards": ("card", 12), "page": ("tile", 48)}


def label_app(
    store,
    read,
    *,
    title,
    thumbnails,
    port=None,
    hosts=(),
    people=None,
    keys=None,
    least_ms=0,
):
    """Returns the labelling page of a project.

    Run it by `fgkeras.web.serve`. Who may come in are the people of the
    project, each by a link of one use (`Labellers.invite`). The store is
    closed when the server ends.

    Each answer is on the disk before it is confirmed. Refused is what breaks a
    rule (400), what is asked by somebody paused (403), a request's id used
    twice or a candidate not handed out (409), and all while the disk is full
    (507); the body is `{"error": sentence}`.

    Args:
        store: `Store`.
        read: Callable of a dict, a row of the table `image`, that returns the
            bytes of its file, or raises `ValueError` or `OSError`.
        title: String, the name of the project.
        thumbnails: Path of a folder for pictures made small, made if not
            there.
        port: Int, the port it is served on, or `None` for any (default).
        hosts: Names of this machine beside the loopback. Defaults to none.
        people: `Labellers`, or `None` for those of the store (default).
        keys: Dict of actions to keys, see `checked_keys`; or `None` (default).
        least_ms: Int, how long a picture is shown before keys are taken, in
            ms. Defaults to `0`.

    Returns:
        ASGI application.

    Raises:
        ValueError: If one of these is out of range.

    Example:

    >>> import pathlib, tempfile
    >>> from starlette.testclient import TestClient
    >>> from fgkeras.bootstrap.store import FILE, Labellers, Store
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> store = Store(folder / FILE, create=True)
    >>> app = label_app(store, open, title="Elms", thumbnails=folder / "small")
    >>> client = TestClient(app, base_url="http://localhost")
    >>> client.get("/").status_code
    401
    >>> token = Labellers(store).invite("Ada")
    >>> client.get(f"/?token={token}").status_code
    200
    """
    pools = {
        name: concurrent.futures.ThreadPoolExecutor(count, f"page-{name}")
        for name, count in _THREADS.items()
    }
    pictures = Pictures(read, thumbnails, pools["ahead"].submit)
    site = site_of(store, pictures, title, people, keys, least_ms)
    api, views = Api(site), Views(site)
    files = PackageFiles("fgkeras.bootstrap.page", _FILES)

    ahead: list = []

    def page_of(name, request):
        person, query = request.state.person, request.query_params
        if name == "grid" and not site.grids:
            sentence = "Labels are settled one by one."
            return HTMLResponse(views.refusal(person, sentence), 404)
        try:
            return HTMLResponse(getattr(views, name)(person, query))
        except NoSuchClass:
            sentence = "There is no such class."
            return HTMLResponse(views.refusal(person, sentence), 404)

    def asked(name, request):
        person = request.state.person
        found = getattr(api, name)(person, request.query_params)
        cells = found.get("cards") or found.get("cells")
        if name in _AHEAD and cells and all(job.done() for job in ahead):
            of_class = cells[0]["class"]
            ahead[:] = [
                pools["ahead"].submit(
                    api.prepare, person, of_class, *_AHEAD[name]
                )
            ]
        return JSONResponse(found)

    def told(name, data, request):
        return JSONResponse(getattr(api, name)(request.state.person, data))

    def picture(find, request):
        number = request.path_params["number"]
        row = find(number) if number < _NUMBERS else None
        if row is None:
            raise HTTPException(404)
        size = request.query_params.get("size", "card")
        data = site.pictures.jpeg(row, size)
        # Another project may be served on this port later, whose pictures
        # have the same addresses: only who says the project may keep them.
        ours = request.query_params.get("p") == site.project
        keep = "max-age=86400, immutable" if ours else "no-cache"
        return content_response(
            data, "image/jpeg", cache_control=f"private, {keep}",
            request=request,
        )  # fmt: skip

    async def static(request):
        return files.response(request.path_params["name"], request)

    async def no_icon(request):
        return Response(status_code=204)

    def of_candidate(number):
        with store.reading() as db:
            return queries.candidate_image(db, number)

    def of_exemplar(number):
        return exemplar_image(store, number)

    def endpoint(pool, work):
        async def handle(request):
            call = functools.partial(work, request)
            if request.method == "POST":
                call = functools.partial(work, await request.body(), request)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(pools[pool], call)

        return handle

    def route(path, pool, work, method="GET"):
        return Route(path, endpoint(pool, work), methods=[method])

    routes = [
        *(
            route(
                "/" if name == "home" else f"/{name}",
                "answers",
                functools.partial(page_of, name),
            )
            for name in _PAGES
        ),
        *(
            route(f"/api/{name}", "answers", functools.partial(asked, name))
            for name in _ASKED
        ),
        *(
            route(
                f"/api/{name}",
                "answers",
                functools.partial(told, name),
                "POST",
            )
            for name in _TOLD
        ),
        route(
            "/img/{number:int}",
            "pictures",
            functools.partial(picture, of_candidate),
        ),
        route(
            "/exemplar/{number:int}",
            "pictures",
            functools.partial(picture, of_exemplar),
        ),
        Route("/static/{name}", static),
        Route("/favicon.ico", no_icon),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(app):
        yield
        for pool in pools.values():
            pool.shutdown(cancel_futures=True)
        store.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            ValueError: _refused,
            StoreFull: _refused,
            sqlite3.OperationalError: _busy,
            HTTPException: _missing,
        },
    )
    app.router.redirect_slashes = False
    return Guard(
        Access(app, site.people, project=site.project), hosts=hosts, port=port
    )


def _refused(request, error):
    """Says the rule that was broken."""
    status = next(code for kind, code in _STATUS if isinstance(error, kind))
    if status == 507:
        return _error(507, "The disk is full. Nothing was kept.")
    return _error(status, str(error))


def _busy(request, error):
    return _error(503, "The store is busy. Try again.")


def _missing(request, error):
    sentence = {404: "There is nothing here.", 405: "Not this way."}
    return _error(
        error.status_code, sentence.get(error.status_code, error.detail)
    )


def _error(status, sentence):
    return JSONResponse({"error": sentence}, status)
