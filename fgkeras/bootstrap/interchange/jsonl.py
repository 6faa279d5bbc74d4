"""A whole project as one text file, which gives the same project back."""

import pathlib

from fgkeras.bootstrap.interchange.jsonl_lines import encoded
from fgkeras.bootstrap.interchange.jsonl_lines import jsonl_lines
from fgkeras.storage import whole_file

_EACH = 1000


def write_jsonl(path, store, *, progress=None):
    """Writes all that a project knows as JSON, a line each.

    Use it to keep a project, to move it and to look at it with other programs:
    every decision stands there with who, when, round, model, picture, source
    and licence. Pictures are not in it, nor is who may sign in. The same store
    gives the same bytes, and what `restore_jsonl` makes of the file is written
    as the same bytes again. One moment of the store is written while people go
    on labelling, and one line is held at a time.

    Args:
        path: Path of the file; an old one is replaced as a whole.
        store: `Store`.
        progress: `None`, or callable of `(done, total)` lines.

    Returns:
        Int, how many lines there are.

    Raises:
        DiskRefusal: If the disk is full; the old file stays.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> store = Store(folder / FILE, create=True)
    >>> write_jsonl(folder / "project.jsonl", store)
    2
    """
    total = done = 0
    with store.reading() as db, whole_file(pathlib.Path(path)) as file:
        for line in jsonl_lines(db):
            if not done:
                total = sum(line["counts"].values()) + 2
            file.write(encoded(line))
            done += 1
            if progress and (done % _EACH == 0 or done == total):
                progress(done, total)
    return done
