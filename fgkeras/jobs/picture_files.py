"""The pictures among files and folders that a person names."""

import contextlib
import os
import pathlib

from fgkeras.data.images.image import BadImage
from fgkeras.data.images.image import inspect
from fgkeras.data.images.image import verify
from fgkeras.data.sources.file_names import PICTURES
from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.plain_file import read_plain


def picture_files(paths):
    """Returns the image files among paths, looking into folders.

    A folder gives what is a picture by its name and no clutter, at any depth,
    in order; links to folders are not followed. Another path is taken as it
    is: whoever reads it tells what is wrong with it, and answers the rest.

    Args:
        paths: Sequence of paths.

    Returns:
        List of `pathlib.Path`.

    Raises:
        ValueError: If a folder has no image, or cannot be looked into.
    """
    out = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            inside = _inside(path)
            if not inside:
                raise ValueError(
                    "A folder of images needs files ending in one of "
                    f"{', '.join(sorted(PICTURES))}. Received: {path}, which "
                    "has none."
                )
            out += inside
        else:
            out.append(path)
    return out


def read_picture(path, depth=None):
    """Returns the bytes of a file.

    Args:
        path: String or path.
        depth: Callable that is told, of a picture of 16 bits, how many it
            uses, see `fgkeras.data.images.depth`; or `None` (default).

    Raises:
        BadImage: As `read_plain`.
    """
    data = read_plain(path)
    if depth is not None:
        # What is no picture is told by whoever decodes it.
        with contextlib.suppress(BadImage):
            if inspect(data).deep:
                depth(verify(data).used_bits)
    return data


def _inside(folder):
    """The pictures in a folder; by text, since paths that were sorted grow."""
    found = []
    for place, _, names in os.walk(folder, onerror=_refuse):
        inner = os.path.relpath(place, folder)
        for name in names:
            text = os.path.normpath(os.path.join(inner, name))
            if is_picture(text) and not is_clutter(text.replace(os.sep, "/")):
                found.append(text)
    found.sort(key=lambda text: text.split(os.sep))
    return [folder / text for text in found]


def _refuse(error):
    raise ValueError(
        "A folder of images must be one that can be looked into. Received: "
        f"{error.filename} ({error.strerror}). Change its permissions, or name "
        "other folders."
    ) from error
