"""Arrays in a file, read whole or refused by name."""

import pathlib
import zipfile
import zlib

import numpy as np

from fgkeras.storage import damaged_file

# What NumPy and its zip raise of files that were cut, edited or are others.
_DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    TypeError,
    SyntaxError,
    RecursionError,
    MemoryError,
    OverflowError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)


def load_arrays(path, way_out, names=()):
    """Returns the arrays of an `.npz` file; no object in it is ever made.

    Args:
        path: Path of the file.
        way_out: String, a sentence on what to do where it is damaged.
        names: Names of arrays that it must hold. Defaults to none.

    Returns:
        Dict of name to array.

    Raises:
        ValueError: If it is damaged, or lacks an array.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.npz")
    >>> np.savez(path, step=3)
    >>> int(load_arrays(path, "Remove it.", ["step"])["step"])
    3
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(damaged_file(path, "it is no file", way_out))
    try:
        # Before NumPy takes what is no zip for a pickle.
        with zipfile.ZipFile(path):
            pass
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except _DAMAGE as error:
        why = str(error) or type(error).__name__
        if "allow_pickle" in why:
            why = "it holds objects, not numbers"
        raise ValueError(damaged_file(path, why, way_out)) from error
    missing = [name for name in names if name not in arrays]
    if missing:
        why = f"it lacks {', '.join(missing[:3])}"
        raise ValueError(damaged_file(path, why, way_out))
    return arrays
