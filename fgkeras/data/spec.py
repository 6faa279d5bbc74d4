"""The grammar of sources and cuts: the kind, and what follows it."""

import os
import pathlib

from fgkeras.registries import SOURCES

KINDS = SOURCES.names()
# Kind of a cut -> the argument that follows the colon, and its type.
CUTS = {
    "exponential": ("imbalance", float),
    "pareto": ("alpha", float),
    "cap": ("cap", int),
}


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


def parse_options(text):
    """Reads `a=1,b=x` into a dict of strings.

    Args:
        text: String; empty gives no options.

    Returns:
        Dict of string to string, in the order of the text.

    Raises:
        ValueError: if a part is not `name=value`, or a name occurs twice.

    Example:

    >>> parse_options("species=40, seed=1")
    {'species': '40', 'seed': '1'}
    """
    options = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (x.strip() for x in part.partition("="))
        if not equals or not name or name in options:
            raise ValueError(
                "Options must be `name=value` with different names, separated "
                f"by commas. Received: {part!r} in {text!r}."
            )
        options[name] = value
    return options


def parse_long_tail(text):
    """Reads `"exponential:100"`, `"pareto:6"`, `"pareto:6:5"` or `"cap:50"`.

    Args:
        text: String `KIND:NUMBER`; `pareto` takes a smallest class as well.

    Returns:
        Tuple of the kind and a dict of arguments for `cut_source`.

    Raises:
        ValueError: The text has another form.

    Example:

    >>> parse_long_tail("exponential:100")
    ('exponential', {'imbalance': 100.0})
    >>> parse_long_tail("pareto:6:5")
    ('pareto', {'alpha': 6.0, 'min_count': 5})
    """
    kind, *numbers = text.split(":")
    arguments = {}
    try:
        name, convert = CUTS[kind]
        arguments[name] = convert(numbers.pop(0))
        if kind == "pareto" and numbers:
            arguments["min_count"] = int(numbers.pop(0))
        if numbers:
            raise ValueError(f"{numbers} is left over.")
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            "A long-tail cut is written exponential:IMBALANCE, pareto:ALPHA, "
            f"pareto:ALPHA:SMALLEST or cap:IMAGES. Received: {text!r}."
        ) from error
    return kind, arguments
