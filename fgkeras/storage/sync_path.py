"""What must be on the disk before anything is said of it."""

import os


def sync_path(path):
    """Returns once a file, or the names in a folder, are on the disk.

    Use it on a folder after a file in it was made or renamed: without, a power
    cut may take the name away.

    Args:
        path: Path of a file or folder.

    Raises:
        OSError: If there is none, or the disk refuses.

    Example:

    >>> sync_path(".")
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
