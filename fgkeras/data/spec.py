"""The grammar of sources: the kind, and what follows it."""

import os
import pathlib

KINDS = ("folder", "zip", "csv", "tfds", "records", "flora")


def kind_of(spec):
    """Returns the kind of a source and what follows it.

    A bare path is guessed: a folder with a `manifest.json` is `records`, any
    other `folder`, a `.zip` file `zip`, a `.csv` file `csv`.

    Args:
        spec: String or path.

    Returns:
        Tuple of two strings.

    Raises:
        ValueError: if the kind is unknown, or the path is none of these.

    Example:

    >>> kind_of("zip:birds.zip")
    ('zip', 'birds.zip')
    """
    spec = str(spec)
    kind, colon, rest = spec.partition(":")
    if colon and kind in KINDS:
        return kind, rest
    path = pathlib.Path(spec)
    if path.is_dir():
        manifest = (path / "manifest.json").is_file()
        return ("records" if manifest else "folder"), spec
    if path.suffix.lower() in (".zip", ".csv"):
        return path.suffix.lower()[1:], spec
    if colon and "/" not in kind:
        raise ValueError(
            f"The kind before `:` must be one of {', '.join(KINDS)}. "
            f"Received: spec={spec!r}."
        )
    found = "it is a file" if path.exists() else "there is nothing"
    raise ValueError(
        "A source is a folder, a .zip, a .csv, or KIND:... with KIND one of "
        f"{', '.join(KINDS)}. Received: spec={spec!r}, where {found}."
    )


def same_source(one, other):
    """Whether two specs name the same place, links followed.

    Example:

    >>> same_source("folder:photos", "folder:./photos/")
    True
    """
    one, other = (absolute_spec(spec).partition(":") for spec in (one, other))
    if one[0] != other[0] or one[0] in ("tfds", "flora"):
        return one == other
    return os.path.realpath(one[2]) == os.path.realpath(other[2])


def absolute_spec(spec):
    """Returns a spec that names the same source from every folder.

    Args:
        spec: String or path.

    Returns:
        String with its kind, and with absolute paths.

    Raises:
        ValueError: as `kind_of`.

    Example:

    >>> absolute_spec("zip:/data/../birds.zip"), absolute_spec("flora:")
    ('zip:/birds.zip', 'flora:')
    """
    kind, rest = kind_of(spec)
    if kind == "flora":
        return f"flora:{rest}"
    if kind != "tfds":
        return f"{kind}:{os.path.abspath(rest)}"
    name, question, options = rest.partition("?")
    parts = options.split("&") if question else []
    for i, part in enumerate(parts):
        key, equals, value = part.partition("=")
        if key == "data_dir" and equals and "://" not in value:
            parts[i] = f"data_dir={os.path.abspath(value)}"
    return f"tfds:{name}{question}{'&'.join(parts)}"
