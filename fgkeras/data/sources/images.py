"""Pictures without classes: a folder at any depth, a zip, or one file."""

import os
import pathlib
import zipfile

import numpy as np

from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_ignored
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.file_names import printable
from fgkeras.data.sources.file_names import why_no_picture
from fgkeras.data.sources.plain_file import read_plain
from fgkeras.data.sources.problems import Problems
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
from fgkeras.data.sources.walk import walk
from fgkeras.data.sources.zip_members import ZipMembers


class ImagesSource(Source):
    """Opens pictures that have no classes yet.

    Use it for what is to be looked at, labelled or answered: all pictures of
    a folder at any depth, of a zip file, or one file. Their labels are -1,
    there are no class names, and the only split is `"all"`, in the order of
    the names. Hidden files, texts and tables are ignored. A folder that links
    lead to twice is looked at once.

    Args:
        path: String or path of the folder, zip or picture.
        skip_bad: Boolean, whether files that are no pictures are listed in
            `refused` rather than stopping. Defaults to False.
        ignore: Sequence of globs of files and folders to leave out, see
            `is_ignored`. Defaults to none.

    Raises:
        ValueError: if there is nothing, no picture, or a file that is neither
            a picture nor known clutter.

    Example:

    >>> import tempfile
    >>> root = pathlib.Path(tempfile.mkdtemp())
    >>> (root / "trip" / "day 1").mkdir(parents=True)
    >>> _ = (root / "trip" / "day 1" / "7.jpg").write_bytes(b"...")
    >>> split = ImagesSource(root).split("all")
    >>> split.ids, split.labels.tolist()
    (('trip/day 1/7.jpg',), [-1])
    """

    def __init__(self, path, *, skip_bad=False, ignore=()):
        self.path = pathlib.Path(path)
        self._members, faults = None, {}
        if self.path.is_dir():
            files, _, faults = walk(self.path, ignore=ignore)
        elif self.path.is_file() and is_picture(self.path.name):
            files, self.path = [self.path.name], self.path.parent
        elif self.path.is_file() and zipfile.is_zipfile(self.path):
            self._members = ZipMembers(self.path, "images")
            files, faults = self._members.files, self._members.faults
        else:
            found = "another file" if self.path.exists() else "nothing"
            raise ValueError(
                "`images:` needs a folder, a zip file or a picture. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        kept, refused = [], Problems()
        for name in sorted(files):
            if is_ignored(name, ignore) or is_clutter(name):
                continue
            reason = faults.get(name) or why_no_picture(name)
            if reason is None:
                kept.append(name)
            else:
                refused.append((printable(name), reason))
        if not skip_bad:
            refused.refuse(f"Every file of images:{path} must be a picture.")
        if not kept:
            raise ValueError(
                f"There must be pictures in {path}. Received: none among "
                f"{len(files)} files."
            )
        labels = np.full(len(kept), -1, "int64")
        super().__init__(
            f"images:{path}",
            (),
            {"all": Split(tuple(kept), labels)},
            refused=refused,
        )

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        if self._members is not None:
            return self._members.read(image_id)
        return read_plain(self.path / image_id)

    def stamps(self, ids):
        """Returns the size of each file in bytes, of a member its CRC too."""
        if self._members is not None:
            return self._members.stamps(ids)
        return [str(os.stat(self.path / i).st_size) for i in ids]
