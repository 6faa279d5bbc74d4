"""The folder of a page about a source, and the pictures on it."""

import json
import re
from pathlib import PurePath

from fgkeras.data.spec import absolute_spec


def folder_name(spec):
    """Returns a name for a folder of a source.

    >>> folder_name("zip:a/birds.zip"), folder_name("folder:my photos")
    ('birds', 'my_photos')
    """
    rest = spec.partition(":")[2] or spec
    name = PurePath(rest).name.removesuffix(".zip")
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "data"


def check_place(out, spec, kind, known):
    """Refuses to write over what is not the same page of the same source.

    Args:
        out: `pathlib.Path` of the folder.
        spec: String, the source.
        kind: String, the page: `KIND.html` and `KIND.json` are written.
        known: String, a key that every `KIND.json` of ours has.

    Raises:
        ValueError: If there is a link or the page of something else.
    """
    files = [out / f"{kind}.html", out / f"{kind}.json"]
    article = "An" if kind[0] in "aeiou" else "A page of"
    for path in files:
        if path.is_symlink():
            raise ValueError(
                f"{article} {kind} is not written through links. Received: "
                f"{path}, which is one. Choose another folder (--out)."
            )
    if not any(path.exists() for path in files):
        return
    try:
        found = json.loads(files[1].read_text("utf-8"))
        there = found["source"] if known in found else None
    except (OSError, ValueError, TypeError, KeyError):
        there = None
    if there is None or absolute_spec(there) != absolute_spec(spec):
        what = f"the {kind} of {there}" if there else "another page"
        raise ValueError(
            f"{article} {kind} goes into a new folder, or replaces one of the "
            f"same source. Received: {out}, which holds {what}. Choose another "
            "folder (--out)."
        )


def picture_of(source, image_id):
    """Returns an image of a source as a small `PIL.Image`, `None` if bad."""
    from fgkeras.data.batches.arrays import thumbnail
    from fgkeras.data.images.encoded import read_checked

    try:
        return thumbnail(read_checked(source, image_id))
    except ValueError:
        return None
