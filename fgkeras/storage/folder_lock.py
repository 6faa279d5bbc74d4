"""A folder that one process at a time works in."""

import contextlib
import datetime
import json
import os
import pathlib
import socket
import stat
import sys
import typing

from fgkeras.storage.disk_refusal import DiskRefusal

FILE = ".lock"


class FolderTaken(ValueError):
    """Another process works in the folder.

    Example:

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with FolderLock(folder):
    ...     try:
    ...         with FolderLock(folder):
    ...             pass
    ...     except FolderTaken:
    ...         print("Somebody works there.")
    Somebody works there.
    """


class FolderLock:
    """Keeps other processes out of a folder, and dies with its process.

    Use it as a context around everything that writes into the folder. The
    system gives the lock free when the process ends, however it does, so that
    no lock is ever left behind. The file `.lock` goes with the last who held
    it; what a kill leaves of it means nothing.

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
        place = self.path / FILE
        while True:
            file = _opened(place)
            try:
                _take(file)
            except OSError:
                file.seek(0)
                found = file.read()
                file.close()
                raise FolderTaken(
                    "One process at a time works in a folder. Received: "
                    f"{self.path}, taken by {_owner(found)}. Wait for it, "
                    "stop it, or choose another folder."
                ) from None
            if _is_at(file, place):
                break
            # Who had it has removed it in between: this lock keeps nobody out.
            file.close()
        now = datetime.datetime.now().astimezone().isoformat("T", "seconds")
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "since": now}
        # On a full disk the lock holds, though nobody reads who has it.
        with contextlib.suppress(OSError):
            file.truncate(0)
            os.write(file.fileno(), json.dumps(owner).encode())
        self._file = file
        return self

    def __exit__(self, *error):
        file, self._file = self._file, None
        if file is not None:
            # Before the lock is given free; Windows keeps what is open.
            with contextlib.suppress(OSError):
                (self.path / FILE).unlink()
            with contextlib.suppress(OSError):
                file.truncate(0)
            file.close()


def remove_stale_lock(path):
    """Removes the file of a lock whose process was killed.

    Args:
        path: Path of a folder; one that somebody works in is left alone.

    Example:

    >>> import tempfile
    >>> lock = pathlib.Path(tempfile.mkdtemp(), ".lock")
    >>> _ = lock.write_text('{"pid": 1}')
    >>> remove_stale_lock(lock.parent)
    >>> lock.exists()
    False
    """
    if pathlib.Path(path, FILE).exists():
        with contextlib.suppress(ValueError, OSError), FolderLock(path):
            pass


def _opened(place):
    """The lock's file; what is there and was not written here is refused."""
    found = ""
    with contextlib.suppress(OSError):
        # Looked at once: who has the lock may remove it at any moment.
        if not stat.S_ISREG(place.lstat().st_mode):
            found = "which is no regular file"
        elif not _is_ours(place):
            found = "which is something else"
    if found:
        raise ValueError(
            f"A folder is taken by a file {FILE} of its own. Received: "
            f"{place}, {found}. Choose another folder, or move it away."
        )
    try:
        return open(place, "a+", encoding="utf-8")
    except OSError as error:
        raise DiskRefusal(error, place) from error


def _is_ours(place):
    try:
        with open(place, "rb") as file:
            return file.read(7) in (b"", b'{"pid":')
    except OSError:
        # Gone in between, or not to be read, which opening it says.
        return True


def _is_at(file, place):
    """Whether an open file is the one that has its name now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(place))
    except FileNotFoundError:
        return False


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
