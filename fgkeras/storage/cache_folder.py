"""Where things lie that can be made again."""

import os
import pathlib
import tempfile


def cache_folder(name=None):
    """Returns the folder of what can be made again, such as features.

    It is `$FGKERAS_CACHE`, or `~/.cache/fgkeras` where that is not set or
    empty. Without a home, as of a user whom the system does not know, it lies
    in the folder for temporary files. Nothing is made.

    Args:
        name: String, a folder inside; `None` means the whole cache.

    Returns:
        `pathlib.Path`.

    Raises:
        ValueError: If there is no home, and the folder for temporary files
            has a cache of somebody else.

    Example:

    >>> cache_folder("features").name
    'features'
    """
    root = pathlib.Path(os.environ.get("FGKERAS_CACHE") or _usual())
    return root if name is None else root / name


def _usual():
    try:
        return pathlib.Path.home() / ".cache" / "fgkeras"
    except RuntimeError:
        user = os.getuid()
    path = pathlib.Path(tempfile.gettempdir(), f"fgkeras-{user}")
    # Others may write there, and what is in a cache is believed.
    if path.is_symlink() or (path.exists() and path.stat().st_uid != user):
        raise ValueError(
            "A cache is of one user. Received: no home folder, and "
            f"{path}, which is of somebody else. Set FGKERAS_CACHE."
        )
    return path
