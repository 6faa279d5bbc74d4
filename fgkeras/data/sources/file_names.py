"""Which files are pictures by their name, and which are clutter."""

import pathlib

# Endings that sources and `fgkeras predict` take as pictures.
PICTURES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp")
    + (".tif", ".tiff")
)
_JUNK_NAMES = frozenset(("thumbs.db", "desktop.ini", "__macosx"))
_JUNK_ENDINGS = frozenset((".txt", ".csv", ".json", ".md"))


def ending(path):
    """Returns the ending of a path's name, in lower case, with its dot."""
    return pathlib.PurePosixPath(path).suffix.lower()


def is_picture(path):
    """Whether a name ends like that of a picture.

    >>> is_picture("oak/1.JPG"), is_picture("oak/notes.txt")
    (True, False)
    """
    return ending(path) in PICTURES


def is_clutter(path, is_file=True):
    """Whether a path may be ignored without a word.

    Hidden files and folders, what systems leave beside pictures, and, of
    files, texts and tables.

    Args:
        path: String, relative, with `/`.
        is_file: Boolean, `False` of a folder. Defaults to `True`.

    >>> is_clutter("oak/.DS_Store"), is_clutter("__MACOSX/oak/1.jpg")
    (True, True)
    """
    parts = path.split("/")
    if any(p.startswith(".") or p.lower() in _JUNK_NAMES for p in parts):
        return True
    return is_file and ending(path) in _JUNK_ENDINGS
