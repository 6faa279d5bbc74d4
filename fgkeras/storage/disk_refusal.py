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
        size: Int, bytes that it needs, or `None` where that is not known.
            Defaults to `None`.

    Example:

    >>> error = OSError(errno.ENOSPC, "No space left on device")
    >>> str(DiskRefusal(error, "/", 2_000_000)).partition(" needs ")[2][:6]
    '2.0 MB'
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
    """
    return getattr(error, "errno", None) in _FULL or any(
        words in str(error) for words in ("No space left", "quota exceeded")
    )


def _sentence(error, path, size):
    why = error.strerror or error
    if is_full(error):
        room = f"for which {_free(path)} are too little"
        if size is not None:
            room = f"which needs {size_in_words(size)} of {_free(path)} free"
        return (
            "A file is written whole or not at all. Received: "
            f"{path}, {room} ({why}). Make room, and the same command goes on."
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


def _free(path):
    """Bytes that are free where a path lies, in words."""
    for folder in (path, *path.absolute().parents):
        if os.path.isdir(folder):
            try:
                return size_in_words(shutil.disk_usage(folder).free)
            except OSError:
                break
    return "too few"
