"""Neighbours of a picture, and classes that are added."""

import asyncio
import logging

from starlette.responses import JSONResponse
from starlette.routing import Route

from fgkeras.serving.additions import checked_name
from fgkeras.serving.json_tensors import bytes_of
from fgkeras.serving.json_tensors import json_object
from fgkeras.serving.served_version import encoded_rows
from fgkeras.storage import DiskRefusal
from fgkeras.web import picture_response
from fgkeras.web.refusal import Refusal

_log = logging.getLogger(__name__)
_MOST_NEIGHBOURS = 1_000
_MOST_ADDED = 64
_SIGNATURES = ("embed", "serving_default")


class GalleryApi:
    """What is asked of a gallery over HTTP.

    Args:
        answering: `Answering`.
        writable: Bool, whether classes can be added.

    Example:

    >>> api = GalleryApi(answering, False)  # doctest: +SKIP
    >>> [route.path for route in api.routes()][0]  # doctest: +SKIP
    '/gallery'
    """

    def __init__(self, answering, writable):
        self._answering = answering
        self._writable = writable

    def routes(self):
        """Returns the routes."""
        return [
            Route("/gallery", self.about),
            Route("/gallery/neighbours", self.neighbours, methods=["POST"]),
            Route("/gallery/classes", self.add, methods=["POST"]),
            Route("/gallery/pictures/{id:path}", self.picture),
        ]

    async def about(self, request):
        """Answers what is in the gallery."""
        version = self._answering.versions.get()
        gallery = version.gallery
        counts = {}
        if gallery is not None:
            names = gallery.class_names
            for label in gallery.labels.tolist():
                counts[names[label]] = counts.get(names[label], 0) + 1
        additions = self._answering.versions.additions
        return _answer(
            version,
            {
                "pictures": 0 if gallery is None else len(gallery),
                "classes": counts,
                "added": {} if additions is None else additions.classes(),
                "writable": self._writable,
            },
        )

    async def neighbours(self, request):
        """Answers the nearest pictures of a gallery."""
        body = await request.body()
        pictures, k = await self._answering.read(len(body), _asked, body)
        version = self._answering.versions.get()
        if version.gallery is None:
            raise Refusal(
                404,
                "This export has no gallery, and no class was added to it.",
            )
        name = next(n for n in _SIGNATURES if n in version.signatures)
        found = await self._answering.run(
            version.signatures[name], encoded_rows(pictures)
        )
        rows = await asyncio.to_thread(
            neighbours_of, version.gallery, found["embedding"],
            found["valid"], k,
        )  # fmt: skip
        return _answer(version, {"neighbours": rows})

    async def add(self, request):
        """Adds a class, or pictures to one."""
        if not self._writable:
            raise Refusal(
                403,
                "Nothing is added here. Start the server with --writable.",
            )
        body = await request.body()
        name, pictures = await self._answering.read(len(body), _added, body)
        versions = self._answering.versions
        try:
            count = await asyncio.to_thread(
                versions.additions.add, name, pictures, versions.all
            )
        except DiskRefusal as error:
            _log.warning("Nothing was added: %s", error)
            raise Refusal(
                507,
                "The disk takes no more. Nothing was added; make room, and "
                "send it again.",
            ) from error
        return _answer(
            versions.get(),
            {
                "class": name,
                "added": count,
                "pictures": versions.additions.classes().get(name, 0),
            },
        )

    async def picture(self, request):
        """Answers with a picture that was added, or a small one."""
        versions = self._answering.versions
        identity = request.path_params["id"]
        gallery, found = versions.get().gallery, None
        if gallery is not None:
            found = gallery.thumbnail(identity)
        if found is None and versions.additions is not None:
            found = await asyncio.to_thread(
                versions.additions.picture, identity
            )
        if found is None:
            raise Refusal(404, "There is no such picture.")
        return picture_response(found, request)


def neighbours_of(gallery, vectors, valid, k):
    """Returns the neighbours of vectors as JSON has them.

    Args:
        gallery: `Gallery`.
        vectors: Array of shape `(n, dim)`.
        valid: Array of `n` bools; what was not decoded has no neighbours.
        k: Int at least 1.

    Example:

    >>> import numpy as np
    >>> from fgkeras.export.gallery import Gallery
    >>> gallery = Gallery(np.eye(2), [0, 1], ["elm", "oak"], ["a", "b"])
    >>> neighbours_of(gallery, np.eye(2), [True, False], 1)[0]["classes"]
    ['elm']
    """
    indices, similarities = gallery.nearest(vectors, k)
    rows = []
    for is_valid, places, found in zip(
        valid, indices, similarities, strict=True
    ):
        kept = places if is_valid else places[:0]
        rows.append(
            {
                "valid": bool(is_valid),
                "classes": [
                    gallery.class_names[gallery.labels[i]] for i in kept
                ],
                "ids": [gallery.ids[i] for i in kept],
                "similarities": found[: len(kept)].tolist(),
            }
        )
    return rows


def _asked(body):
    content = json_object(body)
    if not {"instances"} <= set(content) <= {"instances", "k"}:
        raise Refusal(400, "A request has `instances`, and may have `k`.")
    k = content.get("k", 5)
    if type(k) is not int or not 1 <= k <= _MOST_NEIGHBOURS:
        raise Refusal(400, f"`k` is from 1 to {_MOST_NEIGHBOURS}.")
    return _pictures(content["instances"], "instances"), k


def _added(body):
    content = json_object(body)
    if set(content) != {"name", "images"}:
        raise Refusal(400, "A class has `name` and `images`.")
    name = checked_name(content["name"])
    pictures = _pictures(content["images"], "images")
    if len(pictures) > _MOST_ADDED:
        raise Refusal(400, f"At most {_MOST_ADDED} pictures are added at once.")
    return name, pictures


def _pictures(value, where):
    if not isinstance(value, list) or not value:
        raise Refusal(400, f"`{where}` is a list of one picture or more.")
    return [bytes_of(one, f"`{where}`, {i}") for i, one in enumerate(value)]


def _answer(version, content):
    number = str(version.number)
    return JSONResponse(
        {"model_version": number, **content},
        headers={"fgkeras-model-version": number},
    )
