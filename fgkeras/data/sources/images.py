"""Pictures without classes: a folder at any depth, a zip, or one file."""

import os
import pathlib
import zipfile

import numpy as np

from fgkeras.data.sources.file_names import ending
from fgkeras.data.sources.file_names import is_clutter
from fgkeras.data.sources.file_names import is_picture
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
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

    def __init__(self, path, *, skip_bad=False):
        self.path = pathlib.Path(path)
        self._members = None
        if self.path.is_dir():
            files = _walk(str(self.path))
        elif self.path.is_file() and is_picture(self.path.name):
            files, self.path = [self.path.name], self.path.parent
        elif self.path.is_file() and zipfile.is_zipfile(self.path):
            self._members = ZipMembers(self.path, "images")
            files = self._members.files
        else:
            found = "another file" if self.path.exists() else "nothing"
            raise ValueError(
                "`images:` needs a folder, a zip file or a picture. Received: "
                f"path={str(path)!r}, where there is {found}."
            )
        kept, refused = [], []
        for name in sorted(name for name in files if not is_clutter(name)):
            reason = _why_refused(name)
            if reason is None:
                kept.append(name)
            elif skip_bad:
                refused.append((name, reason))
            else:
                raise ValueError(
                    f"Every file of `images:` must be a picture. Received: "
                    f"{name} in {path}: {reason}. Remove it, or leave such "
                    "files out with `skip_bad` (--skip-bad)."
                )
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
        return (self.path / image_id).read_bytes()

    def stamps(self, ids):
        """Returns the size of each file in bytes, of a member its CRC too."""
        if self._members is not None:
            return self._members.stamps(ids)
        return [str(os.stat(self.path / i).st_size) for i in ids]


def _why_refused(name):
    """Returns why a file cannot be used, or `None`."""
    if not is_picture(name):
        return f"files ending in {ending(name)!r} are not read as images"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    return None


def _walk(root):
    """Returns all files below `root`, relative, with `/`."""
    files, pending, seen = [], [""], set()
    while pending:
        prefix = pending.pop()
        place = os.path.realpath(os.path.join(root, prefix))
        if place in seen:
            continue
        seen.add(place)
        with os.scandir(os.path.join(root, prefix)) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = prefix + entry.name
                if entry.is_dir():
                    if not is_clutter(path, is_file=False):
                        pending.append(path + "/")
                else:
                    files.append(path)
    return files
