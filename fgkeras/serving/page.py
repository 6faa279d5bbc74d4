"""The page of a server: a picture goes in, its answers are shown."""

import asyncio
import importlib.resources

import jinja2
from starlette.responses import HTMLResponse
from starlette.responses import JSONResponse
from starlette.responses import Response
from starlette.routing import Route

from fgkeras.serving.gallery_api import neighbours_of
from fgkeras.serving.json_tensors import bytes_of
from fgkeras.serving.json_tensors import json_object
from fgkeras.serving.served_version import encoded_rows
from fgkeras.web import PackageFiles
from fgkeras.web.refusal import Refusal

_PACKAGE = "fgkeras.serving"
_FILES = ("page.js", "style.css")
_NEIGHBOURS = 6
_LARGEST_SET = 50


class Page:
    """The page, and what its script asks.

    Args:
        answering: `Answering`.

    Example:

    >>> page = Page(answering)  # doctest: +SKIP
    >>> [route.path for route in page.routes()]  # doctest: +SKIP
    ['/', '/static/{name}', '/favicon.ico', '/page/answer']
    """

    def __init__(self, answering):
        self._answering = answering
        self._files = PackageFiles(_PACKAGE, _FILES)
        text = (
            importlib.resources.files(_PACKAGE)
            .joinpath("templates/page.html")
            .read_text("utf-8")
        )
        environment = jinja2.Environment(
            autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._template = environment.from_string(text)

    def routes(self):
        """Returns the routes."""
        return [
            Route("/", self.home),
            Route("/static/{name}", self.static),
            Route("/favicon.ico", self.no_icon),
            Route("/page/answer", self.answer, methods=["POST"]),
        ]

    async def home(self, request):
        """The page."""
        about = self._answering.versions.get().metadata
        boxes = about.get("preprocessing", {}).get("boxes", {})
        return HTMLResponse(
            self._template.render(
                name=self._answering.name, note=boxes.get("note", "")
            )
        )

    async def static(self, request):
        """Its script and style."""
        return self._files.response(request.path_params["name"], request)

    async def no_icon(self, request):
        """There is none."""
        return Response(status_code=204)

    async def answer(self, request):
        """All that the page shows of one picture."""
        body = await request.body()
        data = await self._answering.read(len(body), _picture, body)
        version = self._answering.versions.get()
        rows = encoded_rows([data])
        run = self._answering.run
        found = await run(version.signatures["serving_default"], rows)
        valid = bool(found["valid"][0])
        answer = {
            "model_version": str(version.number),
            "valid": valid,
            "classes": [],
        }
        if not valid:
            return JSONResponse(answer)
        if "classes" in found:
            answer["classes"] = [
                {"name": name.decode("utf-8", "replace"), "score": float(score)}
                for name, score in zip(
                    found["classes"][0], found["scores"][0], strict=True
                )
            ]
        if "known" in found:
            answer["known"] = bool(found["known"][0])
        answer |= await self._set_of(version, rows)
        gallery = version.gallery
        if gallery is not None:
            (near,) = await asyncio.to_thread(
                neighbours_of, gallery, found["embedding"], [True], _NEIGHBOURS
            )
            answer["neighbours"] = [
                {
                    "class": name,
                    "id": identity,
                    "similarity": similarity,
                    "shown": identity.startswith("added-")
                    or gallery.thumbnail(identity) is not None,
                }
                for name, identity, similarity in zip(
                    near["classes"],
                    near["ids"],
                    near["similarities"],
                    strict=True,
                )
            ]
        return JSONResponse(answer)

    async def _set_of(self, version, rows):
        """The prediction set, where the export has one."""
        runner = version.signatures.get("probabilities")
        if runner is None or all(o.name != "in_set" for o in runner.outputs):
            return {}
        found = await self._answering.run(runner, rows)
        inside = found["in_set"][0].nonzero()[0].tolist()
        inside.sort(key=lambda i: -found["probabilities"][0][i])
        return {
            "set": [version.class_names[i] for i in inside[:_LARGEST_SET]],
            "set_size": len(inside),
        }


def _picture(body):
    content = json_object(body)
    if set(content) != {"image"}:
        raise Refusal(400, "The page sends one picture.")
    return bytes_of(content["image"], "`image`")
