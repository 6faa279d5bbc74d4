"""Scripts and styles of a page, from inside of a package."""

import importlib.resources
import pathlib

from starlette.responses import PlainTextResponse

from fgkeras.web.content_response import content_response

# Colours and rules that all pages share, before those of each.
_SHARED = "page.css"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
}


class PackageFiles:
    """A fixed list of files, read once, served by exact name.

    Use it instead of a folder: no name of a request becomes a path, so there
    is nothing to climb out of, and a file that is missing is found missing at
    the start. Before a style stands what all pages share, the colours of both
    schemes among it: `var(--ink)` on `var(--ground)`, `var(--accent)`, ...

    Args:
        package: String, the package whose data they are, such as
            `"fgkeras.labelling.page"`.
        names: List of strings, such as `["label.js", "label.css"]`.

    Raises:
        ValueError: If a name is a path, has no type in css, js and png, or
            there is no such file.

    Example:

    >>> import sys, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> package = pathlib.Path(folder, "shown_page")
    >>> package.mkdir()
    >>> _ = (package / "label.js").write_text("let a = 1;")
    >>> sys.path.append(folder)
    >>> files = PackageFiles("shown_page", ["label.js"])
    >>> files.response("label.js").headers["content-type"]
    'text/javascript; charset=utf-8'
    >>> files.response("../shown_page/label.js").status_code
    404
    """

    def __init__(self, package, names):
        root = importlib.resources.files(package)
        self._files = {}
        for name in names:
            kind = pathlib.PurePath(name).suffix
            if "/" in name or "\\" in name or kind not in _TYPES:
                raise ValueError(
                    "A file has a name without a folder that ends in one of "
                    f"{sorted(_TYPES)}. Received: {name!r}. Rename it."
                )
            file = root.joinpath(name)
            if not file.is_file():
                raise ValueError(
                    f"The files of a page are in its package. Received: {name}"
                    f" of {package}, which is missing. Install it again."
                )
            data = file.read_bytes()
            if kind == ".css":
                own = importlib.resources.files(__package__)
                data = own.joinpath(_SHARED).read_bytes() + data
            self._files[name] = (data, _TYPES[kind])

    def response(self, name, request=None):
        """Returns a file of the list, or 404.

        Args:
            name: String, what the request asks for.
            request: `starlette.requests.Request`, for 304, or `None`. Defaults
                to `None`.

        Returns:
            `starlette.responses.Response`.
        """
        if name not in self._files:
            return PlainTextResponse("There is no such file.\n", 404)
        body, media_type = self._files[name]
        # A new version has the same name: the browser asks each time.
        return content_response(
            body, media_type, cache_control="private, no-cache", request=request
        )
