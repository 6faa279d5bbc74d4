"""Image folders: `CLASS/*.jpg`, with or without splits above."""

import os
import pathlib

from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.layout import EXPECTED
from fgkeras.data.sources.layout import layout
from fgkeras.data.sources.source import Source


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

    def __init__(self, path, *, skip_bad=False):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            found = "a file" if self.path.exists() else "nothing"
            raise ValueError(
                f"`folder:` needs an existing folder. Received: "
                f"path={str(path)!r}, where there is {found}. {EXPECTED}."
            )
        files, folders = _walk(str(self.path))
        found = layout(str(path), files, folders, skip_bad=skip_bad)
        table = find_class_table(self.path, self.path.absolute().parent)
        super().__init__(
            f"folder:{path}",
            found.class_names,
            found.splits,
            table.hierarchy(found.class_names) if table else None,
            found.refused,
        )

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        return (self.path / image_id).read_bytes()

    def stamps(self, ids):
        """Returns the size of each file, in bytes."""
        return [str(os.stat(self.path / i).st_size) for i in ids]


def _walk(root):
    """Returns all files and folders below `root`, relative, with `/`."""
    files, folders, pending = [], [], [""]
    while pending:
        prefix = pending.pop()
        with os.scandir(os.path.join(root, prefix)) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                path = prefix + entry.name
                if entry.is_dir():
                    folders.append(path)
                    # Classes lie two below at most; a stray deeper folder is
                    # refused, not searched: links may lead in circles.
                    if path.count("/") < 5:
                        pending.append(path + "/")
                else:
                    files.append(path)
    return files, folders
