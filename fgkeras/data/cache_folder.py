"""Where the library keeps what it can compute again."""

import os
import pathlib


def cache_folder():
    """Returns `$FGKERAS_CACHE`, or `~/.cache/fgkeras` if unset or empty.

    Use it for files that may be removed at any time.

    Example:

    >>> isinstance(cache_folder(), pathlib.Path)
    True
    """
    folder = os.environ.get("FGKERAS_CACHE")
    return pathlib.Path(folder or pathlib.Path.home() / ".cache" / "fgkeras")
