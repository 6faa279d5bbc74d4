"""The bytes of a project's pictures: as they were, or refused."""

import hashlib
import pathlib

from fgkeras.data.images.image import BadImage
from fgkeras.data.images.image import inspect
from fgkeras.storage import whole_file

_KINDS = ("jpg", "png", "gif", "bmp", "webp", "tiff")


class Changed(ValueError):
    """A picture whose bytes are no longer those that were looked at."""


class KeptPictures:
    """Reads pictures of a project, and keeps those that belong to a set.

    Args:
        folder: Path of the project.
        sources: Dict of origin to `Source`, or to a callable that opens it.

    Example:

    >>> import tempfile
    >>> import fgkeras.data
    >>> flowers = fgkeras.data.open("flora:species=2,images=3,size=32")
    >>> name = flowers.split("train").ids[0]
    >>> digest = hashlib.sha256(flowers.read(name)).hexdigest()
    >>> row = {"origin": "seed", "name": name, "sha256": digest}
    >>> kept = KeptPictures(tempfile.mkdtemp(), {"seed": flowers})
    >>> kept.keep(row).suffix, kept.read(row)[:2] == b"\\xff\\xd8"
    ('.jpg', True)
    """

    def __init__(self, folder, sources):
        self.folder = pathlib.Path(folder) / "images"
        self._sources = dict(sources)

    def read(self, row):
        """Returns the bytes of an image, unchanged.

        Args:
            row: Mapping with `origin`, `name` and `sha256`.

        Raises:
            Changed: If they are no longer those that were looked at.
            BadImage: If they cannot be read.
        """
        kept = self.place(row["sha256"])
        if kept is not None:
            data = kept.read_bytes()
        else:
            data = self._source(row["origin"]).read(row["name"])
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            raise Changed(
                "A picture stays as it was looked at. Received: "
                f"{row['name']!r}, whose bytes have changed since. Restore the "
                "file."
            )
        return data

    def keep(self, row, copy=0):
        """Writes the bytes of an image into the project, once.

        Args:
            row: As `read`.
            copy: Int, of a picture that is listed twice in one file the number
                of the copy. Defaults to `0`.

        Returns:
            `pathlib.Path` of the file, named by its content.
        """
        known = self.place(row["sha256"])
        if known is None:
            data = self.read(row)
            suffix = {"jpeg": "jpg"}.get(kind := inspect(data).format, kind)
            known = self._named(row["sha256"], suffix)
            known.parent.mkdir(parents=True, exist_ok=True)
            _write(known, data)
        if not copy:
            return known
        twin = known.with_name(f"{row['sha256']}-{copy}{known.suffix}")
        if not twin.is_file():
            _write(twin, known.read_bytes())
        return twin

    def place(self, sha256):
        """Returns the file of a picture that is kept, or `None`."""
        for kind in _KINDS:
            path = self._named(sha256, kind)
            if path.is_file():
                return path
        return None

    def _named(self, sha256, kind):
        if not (sha256.isalnum() and len(sha256) == 64):
            raise BadImage("it was not read")
        return self.folder / sha256[:2] / f"{sha256}.{kind}"

    def _source(self, origin):
        source = self._sources[origin]
        if callable(source):
            source = self._sources[origin] = source()
        return source


def _write(path, data):
    with whole_file(path, size=len(data)) as file:
        file.write(data)
