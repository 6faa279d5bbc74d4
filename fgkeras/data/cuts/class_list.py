"""Lists of class names: a choice of classes, written and read again."""

import pathlib

from fgkeras.storage import write_text


def save_class_list(path, names):
    """Writes names of classes, one a line, for `--classes @FILE`.

    Args:
        path: File to write, UTF-8.
        names: Sequence of strings.

    Raises:
        ValueError: There are none, a name is empty, begins or ends with white
            space, or holds a line break.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "classes.txt")
    >>> save_class_list(path, ["ash", "red oak"])
    >>> load_class_list(path)
    ['ash', 'red oak']
    """
    names = [str(name) for name in names]
    bad = [n for n in names if n != n.strip() or len(n.splitlines()) != 1]
    if bad or not names:
        raise ValueError(
            "A list of classes has a name a line, without a line break or "
            "white space at its ends, and one name at least. Received: "
            + (f"{bad[0]!r}." if bad else "none.")
        )
    write_text(path, "".join(f"{name}\n" for name in names))


def load_class_list(path):
    """Reads names of classes, one a line.

    Args:
        path: File, UTF-8. Empty lines are passed over.

    Returns:
        List of strings, in the order of the file.

    Raises:
        ValueError: There is no such file, it is no text, it has no name, or
            one twice.
    """
    path = pathlib.Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise ValueError(
            "A list of classes is a file of names, one a line. Received: "
            f"{str(path)!r} ({reason}). `fgkeras data subset` writes one."
        ) from error
    names = [line.strip() for line in text.splitlines() if line.strip()]
    twice = sorted({n for n in names if names.count(n) > 1}) if names else []
    if twice or not names:
        raise ValueError(
            "A list of classes names each class once, and one at least. "
            f"Received: {f'{twice[0]!r} twice' if twice else 'no name'} in "
            f"{path}."
        )
    return names
