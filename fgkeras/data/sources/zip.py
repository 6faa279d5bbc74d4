"""Image zips: the layouts of an image folder, read in place."""

import pathlib

from fgkeras.data.sources.class_table import FILE_NAME
from fgkeras.data.sources.class_table import find_class_table
from fgkeras.data.sources.class_table import parse_class_table
from fgkeras.data.sources.layout import layout
from fgkeras.data.sources.layout import several_labels
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.zip_members import ZipMembers


class ZipSource(Source):
    """Opens a zip file of class folders; nothing is extracted.

    The layouts are those of `FolderSource`, also inside one outer folder. A
    `classes.csv` at the zip's root, or beside the zip, gives the classes'
    parents.

    Args:
        path: String or path of the zip file.
        skip_bad: Boolean, see `FolderSource`. Defaults to False.
        ignore: Sequence of globs, see `FolderSource`. Defaults to none.

    Raises:
        ValueError: as `ZipMembers` and `layout`.
    """

    def __init__(self, path, *, skip_bad=False, ignore=()):
        self.path = pathlib.Path(path)
        self._members = ZipMembers(path)
        table = self._members.small(FILE_NAME)
        found = layout(
            str(path),
            self._members.files,
            self._members.folders,
            faults=self._members.faults,
            skip_bad=skip_bad,
            ignore=ignore,
        )
        if table is None:
            table = find_class_table(self.path.absolute().parent)
        else:
            table = parse_class_table(table, f"{path}/{FILE_NAME}")
        super().__init__(
            f"zip:{path}",
            found.class_names,
            found.splits,
            table.hierarchy(found.class_names) if table else None,
            found.refused,
            several_labels(found.class_names),
        )
        self.descriptions = dict(table.descriptions) if table else {}

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        return self._members.read(image_id)

    def stamps(self, ids):
        """Returns size and CRC-32 of each member, from the directory."""
        return self._members.stamps(ids)
