"""The way of a request: version, rows, batch, answer."""

import asyncio

from starlette.responses import Response

from fgkeras.serving import rest
from fgkeras.serving import v2
from fgkeras.serving.served_version import pixels_of
from fgkeras.web.refusal import Refusal

# A larger body is read in a thread, so that others are not kept waiting.
_LARGE = 200_000
# As many are read at once; each takes some times its size.
_READERS = 2


class Answering:
    """Answers predictions of both interfaces.

    A request is answered by one version, which is chosen when it comes.

    Args:
        versions: `Versions`.
        batcher: `Batcher`.
        name: String, the model.
        deadline: Float, seconds until a request is given up.

    Example:

    >>> answering = Answering(versions, batcher, "birds", 30)  # doctest: +SKIP
    >>> answering.version_of(request).number  # doctest: +SKIP
    3
    """

    def __init__(self, versions, batcher, name, deadline):
        self.versions = versions
        self.batcher = batcher
        self.name = name
        self._deadline = deadline
        self._readers = asyncio.Semaphore(_READERS)

    def checked(self, request):
        """Refuses, with 404, a request for another model."""
        if request.path_params["model"] != self.name:
            raise Refusal(404, f"There is one model here, {self.name}.")

    def version_of(self, request):
        """Returns the version that a request asks for.

        Raises:
            Refusal: With 404 if it is not served.
        """
        self.checked(request)
        text = request.path_params.get("version")
        if text is None:
            return self.versions.get()
        is_number = text.isascii() and text.isdigit() and len(text) < 19
        version = self.versions.get(int(text)) if is_number else None
        if version is None:
            known = ", ".join(map(str, self.versions.numbers()))
            raise Refusal(404, f"Versions that are served: {known}.")
        return version

    async def predict(self, request):
        """Answers `:predict`."""
        version = self.version_of(request)
        body = await request.body()
        runner, rows, in_rows = await self.read(
            len(body), rest.read_predict, body, version
        )
        outputs = await self.run(runner, rows)
        answer = await self.read(
            _size(outputs), rest.predict_answer, outputs, in_rows
        )
        return Response(
            answer,
            media_type="application/json",
            headers={"fgkeras-model-version": str(version.number)},
        )

    async def infer(self, request):
        """Answers `/infer`."""
        version = self.version_of(request)
        text = request.headers.get(v2.HEADER)
        if text is not None and not (
            text.isascii() and text.isdigit() and len(text) < 12
        ):
            raise Refusal(400, f"{v2.HEADER} is a whole number.")
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refusal(400, "A body is sent as it is, not compressed.")
        body = await request.body()
        length = None if text is None else int(text)
        runner, rows, asked = await self.read(
            len(body), v2.read_infer, body, length, version
        )
        outputs = await self.run(runner, rows)
        answer, length = await self.read(
            _size(outputs),
            v2.infer_answer,
            self.name,
            version.number,
            outputs,
            asked,
        )
        headers = {"fgkeras-model-version": str(version.number)}
        if length is None:
            return Response(answer, media_type="application/json",
                headers=headers)  # fmt: skip
        headers["inference-header-content-length"] = str(length)
        return Response(
            answer, media_type="application/octet-stream", headers=headers
        )

    async def read(self, size, function, *arguments):
        """Calls a function here, or in a thread where there is much to do.

        Args:
            size: Int, bytes that it goes over.
            function: Callable.
            arguments: What it is called with.
        """
        if size <= _LARGE:
            return function(*arguments)
        async with self._readers:
            return await asyncio.to_thread(function, *arguments)

    async def run(self, runner, rows):
        """Runs rows within the bounds of the server.

        Args:
            runner: `SignatureRunner`.
            rows: Array that it takes.

        Raises:
            Refusal: With 413, 503 or 504.
        """
        pixels = None
        if runner.input.dtype == "string":
            pixels = [pixels_of(data) for data in rows]
        try:
            async with asyncio.timeout(self._deadline):
                return await self.batcher.run(runner, rows, pixels)
        except TimeoutError:
            raise Refusal(
                504, "It was not answered in time. Send less at once."
            ) from None


def _size(outputs):
    return sum(array.size for array in outputs.values()) * 8
