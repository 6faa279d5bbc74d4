"""A folder that one process at a time works in."""

import datetime
import json
import os
import pathlib
import socket
import sys
import typing

FILE = ".lock"


class FolderTaken(ValueError):
    """Another process works in the folder."""


class FolderLock:
    """Keeps other processes out of a folder, and dies with its process.

    Use it as a context around everything that writes into the folder. The
    system gives the lock free when the process ends, however it does, so that
    no lock is ever left behind; the file `.lock` stays and means nothing.

    Args:
        path: Path of the folder; it must exist.

    Raises:
        FolderTaken: On entering, if another process has it: which, where and
            since when.

    Example:

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with FolderLock(folder):
    ...     try:
    ...         FolderLock(folder).__enter__()
    ...     except FolderTaken as error:
    ...         str(error).startswith("One process at a time works in a folder")
    True
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self._file: typing.IO[str] | None = None

    def __enter__(self):
        file = open(self.path / FILE, "a+", encoding="utf-8")
        try:
            _take(file)
        except OSError:
            file.seek(0)
            found = file.read()
            file.close()
            raise FolderTaken(
                "One process at a time works in a folder. Received: "
                f"{self.path}, taken by {_owner(found)}. Wait for it, stop "
                "it, or choose another folder."
            ) from None
        file.truncate(0)
        now = datetime.datetime.now().astimezone().isoformat("T", "seconds")
        json.dump(
            {"pid": os.getpid(), "host": socket.gethostname(), "since": now},
            file,
        )
        file.flush()
        self._file = file
        return self

    def __exit__(self, *error):
        file, self._file = self._file, None
        if file is not None:
            file.truncate(0)
            file.close()


def _take(file):
    """Takes the lock of an open file or raises `OSError`."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _owner(text):
    try:
        found = json.loads(text)
        return (
            f"process {found['pid']} on {found['host']} since {found['since']}"
        )
    except (ValueError, KeyError, TypeError):
        return "another process"
