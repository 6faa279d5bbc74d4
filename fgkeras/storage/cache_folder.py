"""Where things lie that can be made again."""

import os
import pathlib


def cache_folder(name=None):
    """Returns the folder of what can be made again, such as features.

    It is `$FGKERAS_CACHE`, or `~/.cache/fgkeras` where that is not set or
    empty. Nothing is made.

    Args:
        name: String, a folder inside; `None` means the whole cache.

    Returns:
        `pathlib.Path`.

    Example:

    >>> cache_folder("features").name
    'features'
    """
    asked = os.environ.get("FGKERAS_CACHE")
    root = pathlib.Path(asked or pathlib.Path.home() / ".cache" / "fgkeras")
    return root if name is None else root / name
