"""Which files are pictures by their name, and which are clutter."""

import fnmatch
import pathlib
import unicodedata

# Endings that sources and `fgkeras predict` take as pictures.
PICTURES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp")
    + (".tif", ".tiff")
)
# What systems, cameras, programs and people leave beside pictures. None of it
# holds a picture: films, raw files and HEIC do, and are never passed over.
_CLUTTER_NAMES = frozenset(
    ("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini")
    + ("picasa.ini", "icon\r", "makefile")
)
_CLUTTER_FOLDERS = frozenset(
    ("__macosx", "@eadir", "#recycle", "$recycle.bin", "lost+found")
    + ("system volume information", "found.000", "__pycache__")
)
_CLUTTER_STEMS = frozenset(
    ("license", "licence", "copying", "notice", "readme", "changelog")
    + ("authors", "citation")
)
_CLUTTER_ENDINGS = frozenset(
    # Texts and tables.
    (".txt", ".csv", ".tsv", ".json", ".jsonl", ".md", ".rst", ".log")
    + (".html", ".htm", ".xml", ".yaml", ".yml", ".toml", ".ini", ".cfg")
    # Sidecars of pictures.
    + (".xmp", ".aae", ".thm", ".pp3", ".dop", ".on1")
    # Scripts, and arrays made of pictures.
    + (".py", ".pyc", ".ipynb", ".sh", ".bat", ".m", ".r")
    + (".npy", ".npz", ".pkl", ".pickle", ".mat", ".h5")
    # What was begun, kept aside or linked.
    + (".tmp", ".part", ".crdownload", ".bak", ".swp", ".lnk", ".url")
    + (".md5", ".sha256", ".db")
)
# Categories of characters that end lines, command terminals or are halves.
_COMMANDS = frozenset(("Cc", "Cs", "Zl", "Zp"))
_FILMS = frozenset(
    (".mov", ".mp4", ".m4v", ".avi", ".mkv", ".mts", ".wmv", ".webm", ".3gp")
)
_RAW = frozenset(
    (".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef")
    + (".srw", ".raw")
)
_HEIF = frozenset((".heic", ".heif", ".avif"))


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
    files, texts, tables, sidecars, scripts, arrays and licences.

    Args:
        path: String, relative, with `/`.
        is_file: Boolean, `False` of a folder. Defaults to `True`.

    >>> is_clutter("oak/.DS_Store"), is_clutter("__MACOSX/oak/1.jpg")
    (True, True)
    >>> is_clutter("LICENSE"), is_clutter("oak/film.mov")
    (True, False)
    """
    parts = path.lower().split("/")
    folders = parts[:-1] if is_file else parts
    if parts[-1].startswith(".") or any(
        part.startswith(".") or part in _CLUTTER_FOLDERS for part in folders
    ):
        return True
    if not is_file:
        return False
    end = ending(path)
    return (
        parts[-1] in _CLUTTER_NAMES
        or end in _CLUTTER_ENDINGS
        or (not end and parts[-1].split("-")[0] in _CLUTTER_STEMS)
    )


class Globs(tuple):
    """What a person asked to ignore, and which of it met something.

    Args:
        globs: Iterable of strings, see `is_ignored`.
        quiet: Int, how many of the first ones are of another time, so that
            they need not meet anything. Defaults to 0.

    Example:

    >>> globs = Globs(["*.mov", "old"])
    >>> is_ignored("oak/film.mov", globs), globs.missed
    (True, ['old'])
    """

    def __new__(cls, globs=(), quiet=0):
        del quiet
        return super().__new__(cls, globs)

    def __init__(self, globs=(), quiet=0):
        del globs  # `tuple` has them.
        self.quiet, self.met = quiet, set()

    @property
    def missed(self):
        """Those that met nothing yet, without the quiet ones."""
        return [glob for glob in self[self.quiet :] if glob not in self.met]


def is_ignored(path, globs):
    """Whether a path is one that a person asked to ignore.

    Args:
        path: String, relative, with `/`.
        globs: Sequence of strings. One with a `/` stands for whole paths and
            all below them, one without for the name of a file or folder at
            any depth. `Globs` note what they meet.

    >>> is_ignored("oak/film.mov", ["*.mov"]), is_ignored("old/1.jpg", ["old"])
    (True, True)
    >>> is_ignored("oak/1.jpg", ["elm/*"]), is_ignored("elm/1.jpg", ["elm/*"])
    (False, True)
    """
    if not globs:
        return False
    parts = path.split("/")
    above = ["/".join(parts[: i + 1]) for i in range(len(parts))]
    met = {
        glob
        for glob in globs
        for text in (above if "/" in glob.strip("/") else parts)
        if fnmatch.fnmatchcase(text, glob.strip("/"))
    }
    if isinstance(globs, Globs):
        globs.met |= met
    return bool(met)


def why_no_picture(path):
    """Returns why a file is not read as a picture, by its name, or `None`.

    >>> why_no_picture("oak/1.HEIC")
    'HEIC and AVIF are not read; convert it to JPEG'
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    if printable(path) != path:
        return "its name holds a line break or another control character"
    end = ending(path)
    if end in PICTURES:
        return None
    if end in _FILMS:
        return "films are not read"
    if end in _RAW:
        return "raw files of cameras are not read; convert it to JPEG"
    if end in _HEIF:
        return "HEIC and AVIF are not read; convert it to JPEG"
    return f"files ending in {end!r} are not read as images"


def printable(text):
    """Returns a text whose control characters are written out.

    A name may hold bytes that a terminal takes as commands.

    Example:

    >>> print(printable("oak\\x1b[2J"))
    oak\\x1b[2J
    """
    return "".join(
        ascii(c)[1:-1]
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        else c
        for c in text
    )
