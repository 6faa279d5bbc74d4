"""What a person is told of an error."""

import errno

from fgkeras.storage import DiskRefusal
from fgkeras.storage import is_full

_BACKENDS = ("jax", "openvino", "tensorflow", "torch")
_LONGEST = 600
_DEBUG = "`fgkeras --debug VERB ...` shows where it came from."


def in_words(error):
    """Returns a sentence for an error, whatever was raised.

    Args:
        error: An exception.

    Returns:
        String.

    Example:

    >>> in_words(ValueError("A rule. Received: 3."))
    'A rule. Received: 3.'
    >>> in_words(KeyError("head")).partition(" Received: ")[2][:15]
    "KeyError 'head'"
    """
    if isinstance(error, (ValueError, DiskRefusal)) and str(error):
        return str(error)
    if isinstance(error, OSError):
        return _of_file(error)
    if isinstance(error, MemoryError) or "OOM when allocating" in str(error):
        return (
            "All that is worked on at once must fit into memory. Received: "
            f"{_short(error)}. Take smaller batches (--batch-size) or images "
            "(--size), or leave the images on the disk (--set "
            "data.input=disk)."
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        way = ""
        if error.name in _BACKENDS:
            way = ", or choose another backend: KERAS_BACKEND=tensorflow"
        return (
            "What is used must be installed. Received: no module "
            f"{error.name!r}. Install it (pip install {error.name}){way}."
        )
    if is_full(error):
        return (
            f"A file is written whole or not at all. Received: {_short(error)}"
            ". Make room, and the same command goes on."
        )
    return (
        "This command ended in an error that nobody foresaw. Received: "
        f"{_short(error)}. Look at the files that it was given; {_DEBUG}"
    )


def _of_file(error):
    """An error of the system, with the file that it is of."""
    names = [error.filename, error.filename2]
    names = [str(n) for n in names if n not in (None, "")]
    why = error.strerror or str(error) or type(error).__name__
    why = why.rstrip(".")
    if not names:
        return f"The system refused to read or write. Received: {why}. {_DEBUG}"
    if is_full(error):
        return str(DiskRefusal(error, names[-1]))
    way = {
        errno.ENOENT: "Check its name.",
        errno.EACCES: "Change its rights, or choose another place.",
        errno.EPERM: "Change its rights, or choose another place.",
        errno.EROFS: "Choose another place.",
        errno.ENOTDIR: "A part of the path is a file: choose another place.",
        errno.EISDIR: "Name a file, not a folder.",
        errno.ENAMETOOLONG: "Choose a shorter name.",
    }.get(error.errno, _DEBUG)
    return (
        "The system refused a file. Received: "
        f"{' and '.join(names)} ({why}). {way}"
    )


def _short(error):
    text = " ".join(str(error).split())
    text = f"{type(error).__name__} {text}".strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
