"""A folder for the time of a process, and the next one removes what is left."""

import contextlib
import os
import pathlib
import shutil
import tempfile

from fgkeras.storage.folder_lock import FILE
from fgkeras.storage.folder_lock import FolderLock


@contextlib.contextmanager
def scratch_folder(prefix):
    """Makes a temporary folder that is removed at the end, also after a kill.

    A process that is killed cannot remove its folder. Whoever asks for one of
    the same prefix next does: a lock in it dies with its process, so that a
    folder whose lock is free has nobody.

    Args:
        prefix: String, what its name begins with; a name of ours, since other
            folders of that name and user are removed where they have a lock
            that is free.

    Yields:
        `pathlib.Path` of an empty folder.

    Example:

    >>> with scratch_folder("fgkeras-example-") as folder:
    ...     os.listdir(folder)
    []
    >>> folder.exists()
    False
    """
    _remove_left(prefix)
    with (
        tempfile.TemporaryDirectory(prefix=prefix) as name,
        FolderLock(name),
    ):
        folder = pathlib.Path(name, "files")
        folder.mkdir()
        yield folder


def _remove_left(prefix):
    """Removes the folders of processes that were killed."""
    for path in pathlib.Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # What cannot be looked at or removed is somebody else's matter.
        with contextlib.suppress(OSError, ValueError):
            told = path.lstat()
            if hasattr(os, "getuid") and told.st_uid != os.getuid():
                continue
            # One that is just being made has no lock yet.
            if path.is_symlink() or not (path / FILE).is_file():
                continue
            with FolderLock(path):
                shutil.rmtree(path)
