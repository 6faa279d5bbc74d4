"""Pictures as a browser is given them: small, upright, encoded here."""

import contextlib
import hashlib
import io
import os
import pathlib

from fgkeras.data.batches.arrays import thumbnail
from fgkeras.data.images import image
from fgkeras.storage import DiskRefusal
from fgkeras.storage import whole_file

# Name -> longest side in pixels, quality of the JPEG.
SIZES = {"tile": (320, 85), "card": (960, 90), "full": (2400, 92)}


class PictureChanged(ValueError):
    """A file that is not the one that was taken into the project."""


class NoPicture(ValueError):
    """A file that cannot be read or shown."""


class Pictures:
    """Thumbnails of the pictures of a store, made once.

    Never are the bytes of a file sent: what a browser gets was decoded by the
    decoder that also feeds the model, and is a JPEG of ours. A thumbnail is
    kept under the checksum of its picture, so that it always is of the bytes
    that the store knows, whatever became of the file since.

    Args:
        read: Callable of a dict, a row of the table `image`, that returns the
            bytes of the file, or raises `ValueError` or `OSError`.
        folder: Path where thumbnails are kept; made if not there.
        later: Callable of a function and its arguments that calls it some
            time, since to keep a thumbnail takes longer than to make it; or
            `None` (default) to keep it before it is returned.

    Example:

    >>> import hashlib, tempfile
    >>> import numpy as np
    >>> png = image.encode_png(np.zeros((40, 90), "uint8"))
    >>> row = {"sha256": hashlib.sha256(png).hexdigest()}
    >>> pictures = Pictures(lambda row: png, tempfile.mkdtemp())
    >>> image.inspect(pictures.jpeg(row, "tile")).upright_size
    (90, 40)
    """

    def __init__(self, read, folder, later=None):
        self._read = read
        self._later = later
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def jpeg(self, row, size="card"):
        """Returns a picture as JPEG.

        Args:
            row: Mapping, of the table `image`.
            size: String, `"tile"`, `"card"` or `"full"`: at most 320, 960 or
                2400 pixels to a side. Defaults to `"card"`.

        Returns:
            Bytes.

        Raises:
            PictureChanged: If the file is another one than it was.
            NoPicture: If it cannot be read or decoded.
            ValueError: If there is no such size.
        """
        if size not in SIZES:
            raise ValueError(
                f"`size` must be one of {list(SIZES)}. Received: size={size!r}."
            )
        path = self._path(row, size)
        try:
            return path.read_bytes()
        except OSError:
            data = self._made(row, size)
        if self._later is None:
            _keep(path, data)
        else:
            self._later(_keep, path, data)
        return data

    def prepare(self, row, size):
        """Makes a thumbnail ahead; one that cannot be made is left."""
        if not os.path.exists(self._path(row, size)):
            with contextlib.suppress(ValueError):
                self.jpeg(row, size)

    def _path(self, row, size):
        return self._folder / f"{row['sha256']}-{size}.jpg"

    def _made(self, row, size):
        try:
            data = self._read(dict(row))
        except (ValueError, OSError) as error:
            raise NoPicture("The file cannot be read.") from error
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            raise PictureChanged(
                "A picture stays the file it was taken in as. Received: "
                "another one under its name. Put the old one back."
            )
        side, quality = SIZES[size]
        try:
            small = thumbnail(image.normalize(data), side)
        except ValueError as error:
            raise NoPicture("The file is no whole picture.") from error
        file = io.BytesIO()
        small.save(file, "JPEG", quality=quality, subsampling=0)
        return file.getvalue()


def _keep(path, data):
    # A disk without room shows pictures all the same.
    with contextlib.suppress(DiskRefusal), whole_file(path) as file:
        file.write(data)
