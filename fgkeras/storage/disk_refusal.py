"""What the disk refused: which file, how much, and what to do."""

import errno
import os
import pathlib
import shutil

from fgkeras.storage.byte_sizes import size_in_words

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_MISPLACED = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG)


class DiskRefusal(OSError):
    """A file that could not be written, in a sentence.

    Args:
        error: The `OSError` that the system raised.
        path: Path of the file that was to be written.
        size: Int, bytes that it needs at least, or `None` where that is not
            known. Defaults to `None`.

    Example:

    >>> error = OSError(errno.ENOSPC, "No space left on device")
    >>> str(DiskRefusal(error, "/", 2 * 10**15)).partition(" needs ")[2][:9]
    '2000.0 TB'
    """

    def __init__(self, error, path, size=None):
        super().__init__(error.errno, str(error.strerror or error), str(path))
        self._sentence = _sentence(error, pathlib.Path(path), size)

    def __str__(self):
        return self._sentence


def is_full(error):
    """Whether an error says that a disk, or what one may use of it, is full.

    Libraries in C put it into words of their own.

    Args:
        error: An exception.

    Example:

    >>> is_full(OSError(errno.ENOSPC, "No space left on device"))
    True
    >>> is_full(RuntimeError("write failed: No space left on device"))
    True
    >>> is_full(OSError(errno.EACCES, "Permission denied"))
    False
    """
    return getattr(error, "errno", None) in _FULL or any(
        words in str(error) for words in ("No space left", "quota exceeded")
    )


def _sentence(error, path, size):
    why = error.strerror or error
    if is_full(error):
        return (
            "A file is written whole or not at all. Received: "
            f"{path}, {_room(path, size)} ({why}). Make room, and the same "
            "command goes on."
        )
    if error.errno in _FORBIDDEN:
        return (
            "What is made must be allowed to be written. Received: "
            f"{path} ({why}). Choose another folder, or change its rights."
        )
    if error.errno in _MISPLACED:
        return (
            "A file needs a folder and a name of its own. Received: "
            f"{path} ({why}). Choose another folder."
        )
    return f"A file could not be written. Received: {path} ({why})."


def _room(path, size):
    """What a file needs, and what there is, in words."""
    free = _free(path)
    if free is None:
        known = "" if size is None else f" of {size_in_words(size)}"
        return f"for which there is no room{known}"
    there = size_in_words(free)
    if size is not None and size > free:
        return f"which needs {size_in_words(size)} of {there} free"
    # What was begun took all of it: a size that is less is a part, as of
    # weights without their names, or of a file beside the one it replaces.
    return f"for which the {there} that are free are too little"


def _free(path):
    """Bytes that are free where a path lies, or `None`."""
    for folder in (path, *path.absolute().parents):
        if os.path.isdir(folder):
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                break
    return None
