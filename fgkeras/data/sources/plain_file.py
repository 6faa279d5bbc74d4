"""Files that people name, read only where they are plain and not too large."""

import os
import stat

from fgkeras.data.sources.bad_image import BadImage

# A picture of 64 million pixels, not compressed, has 192 MB.
MAX_BYTES = 1 << 28


def read_plain(path, max_bytes=MAX_BYTES):
    """Returns the bytes of a plain file; never waits for a pipe or a device.

    Args:
        path: String or path.
        max_bytes: Int, the largest size that is read. Defaults to 256 MiB.

    Raises:
        BadImage: If there is none, it cannot be read, is no plain file, or is
            too large.

    Example:

    >>> read_plain("/dev/zero")
    Traceback (most recent call last):
    ...
    fgkeras.data.sources.bad_image.BadImage: it is no plain file but a device
    """
    try:
        # Opening a pipe would wait for whoever writes into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise BadImage(_not_plain(about.st_mode))
            if about.st_size > max_bytes:
                raise BadImage(_too_large(about.st_size, max_bytes))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(about.st_size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BadImage(_why(path, error)) from error


def fault_of(path):
    """Returns why what lies at a path is no file that is read, or `None`.

    Nothing of it is read: it says what `read_plain` would, of a file that is
    lost, none, or too large.

    Args:
        path: String or path.

    Example:

    >>> fault_of("/dev/null")
    'it is no plain file but a device'
    """
    try:
        about = os.stat(path)
    except OSError as error:
        return _why(path, error)
    if not stat.S_ISREG(about.st_mode):
        return _not_plain(about.st_mode)
    if about.st_size > MAX_BYTES:
        return _too_large(about.st_size, MAX_BYTES)
    return None


def _too_large(size, most):
    return f"its {size} bytes are more than the {most} that are read"


def _not_plain(mode):
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe"}
    kinds[stat.S_IFSOCK] = "a socket"
    found = kinds.get(stat.S_IFMT(mode), "a device")
    return f"it is no plain file but {found}"


def _why(path, error):
    """Returns a phrase for what the system said of a path."""
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return "it is a link that leads nowhere"
        return "there is no such file"
    return f"it cannot be read ({error.strerror})"
