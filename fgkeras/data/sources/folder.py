"""Image folders: `CLASS/*.jpg`, with or without splits above."""

import os
import pathlib

from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.layout import EXPECTED
from fgkeras.data.sources.layout import layout
from fgkeras.data.sources.layout import several_labels
from fgkeras.data.sources.plain_file import read_plain
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.walk import walk


class FolderSource(Source):
    """Opens a folder of class folders.

    Reads `PATH/CLASS/IMAGE`, then the only split is `"all"`, or
    `PATH/{train,val,test}/CLASS/IMAGE` (`valid` and `validation` are `val`).
    The classes are the union over the splits; a class may be missing in some.
    A `classes.csv` in the folder, or beside it, gives the classes' parents.

    Args:
        path: String or path of the folder.
        skip_bad: Boolean, whether files and class folders that cannot be used
            are listed in `refused` rather than stopping. Defaults to False.
        ignore: Sequence of globs of files and folders to leave out, see
            `is_ignored`. Defaults to none.

    Raises:
        ValueError: if there is no such folder, or as `layout` says.

    Example:

    >>> import tempfile
    >>> from fgkeras.data.images.image import encode_png
    >>> import numpy as np
    >>> root = pathlib.Path(tempfile.mkdtemp())
    >>> (root / "oak").mkdir()
    >>> png = encode_png(np.zeros((2, 3), "uint8"))
    >>> _ = (root / "oak" / "1.png").write_bytes(png)
    >>> FolderSource(root).split("all").ids
    ('oak/1.png',)
    """

    def __init__(self, path, *, skip_bad=False, ignore=()):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            found = "a file" if self.path.exists() else "nothing"
            raise ValueError(
                f"`folder:` needs an existing folder. Received: "
                f"path={str(path)!r}, where there is {found}. {EXPECTED}."
            )
        # Classes lie two below at most; a stray deeper folder is refused, not
        # searched.
        files, folders, faults = walk(self.path, ignore=ignore, depth=5)
        found = layout(
            str(path), files, folders, faults=faults, skip_bad=skip_bad
        )
        table = find_class_table(self.path, self.path.absolute().parent)
        super().__init__(
            f"folder:{path}",
            found.class_names,
            found.splits,
            table.hierarchy(found.class_names) if table else None,
            found.refused,
            several_labels(found.class_names),
        )
        self.descriptions = dict(table.descriptions) if table else {}

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        return read_plain(self.path / image_id)

    def stamps(self, ids):
        """Returns the size of each file, in bytes."""
        return [str(os.stat(self.path / i).st_size) for i in ids]
