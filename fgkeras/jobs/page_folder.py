"""The folder of a page about a source, and the pictures on it."""

import json
import re
from pathlib import PurePath

from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import parts_of


def folder_name(spec):
    """Returns a name for a folder of a source.

    >>> folder_name("zip:a/birds.zip"), folder_name("folder:my photos")
    ('birds', 'my_photos')
    >>> folder_name("zip:a/birds.zip+zip:b/cars.zip")
    'birds_cars'
    """
    names = []
    for part in parts_of(spec):
        rest = part.partition(":")[2] or part
        name = PurePath(rest).name.removesuffix(".zip")
        names.append(re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._"))
    return "_".join(filter(None, names)) or "data"


def check_place(out, kind, words, held):
    """Refuses to write a page where something else is.

    Args:
        out: `pathlib.Path` of the folder.
        kind: String, the page: `KIND.html` and `KIND.json` are written.
        words: String, what is written, such as `"An audit"`.
        held: Callable of what a `KIND.json` that is there holds: `None` where
            it may be replaced, else what it is, a string.

    Raises:
        ValueError: If it is a file, or there is a link or the page of
            something else.
    """
    files = [out / f"{kind}.html", out / f"{kind}.json"]
    links = [path for path in files if path.is_symlink()]
    found = None
    if out.exists() and not out.is_dir():
        found = "which is a file"
    elif links:
        found = f"whose {links[0].name} is a link"
    elif any(path.exists() for path in files):
        try:
            what = held(json.loads(files[1].read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            what = "another page"
        found = what and f"which holds {what}"
    if found:
        raise ValueError(
            f"{words} goes into a new folder, or replaces one of the same. "
            f"Received: {out}, {found}. Choose another folder (--out)."
        )


def other_source(spec, known):
    """Returns what says of a page whether it is of another source.

    Args:
        spec: String, the source.
        known: String, a key that every page of the kind has.
    """

    def held(found):
        there = found["source"] if known in found else None
        if there is not None and absolute_spec(there) == absolute_spec(spec):
            return None
        return f"that of {there}" if there else "another page"

    return held


def picture_of(source, image_id):
    """Returns an image of a source as a small `PIL.Image`, `None` if bad."""
    from fgkeras.data.batches.arrays import thumbnail
    from fgkeras.data.images.encoded import read_checked

    try:
        return thumbnail(read_checked(source, image_id))
    except ValueError:
        return None
