"""The grammar of sources and cuts: the kind, and what follows it."""

import os
import pathlib

from fgkeras.registries import CUTS
from fgkeras.registries import SOURCES


def kind_of(spec):
    """Returns the kind of one source and what follows it.

    A bare path is guessed: a folder with a `manifest.json` is `records`, any
    other `folder`, a `.zip` file `zip`, a `.csv` file `csv`.

    Args:
        spec: String or path, of one source; see `parts_of`.

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
    if colon and kind in SOURCES:
        return kind, rest
    path = pathlib.Path(spec)
    if path.is_dir():
        # What is known by a file that lies inside, before any folder.
        for kind, inside in sorted(_fact("inside"), key=lambda row: not row[1]):
            if not inside or (path / inside).is_file():
                return kind, spec
    for kind, ending in _fact("ending"):
        if path.suffix.lower() == ending:
            return kind, spec
    names = ", ".join(SOURCES.names())
    if colon and "/" not in kind:
        raise ValueError(
            f"The kind before `:` must be one of {names}. "
            f"Received: spec={spec!r}."
        )
    found = "it is a file" if path.exists() else "there is nothing"
    raise ValueError(
        "A source is a folder, a .zip, a .csv, or KIND:... with KIND one of "
        f"{names}. Received: spec={spec!r}, where {found}."
    )


def parts_of(spec):
    """Returns the specs of the sources that `A+B` joins, a tuple.

    A `+` joins where a kind or an existing path follows it. A path that is
    there with its `+` is taken whole, the longest one first.

    Args:
        spec: String or path.

    Example:

    >>> parts_of("folder:photos+zip:birds.zip")
    ('folder:photos', 'zip:birds.zip')
    >>> parts_of("folder:a+b.not_there")
    ('folder:a+b.not_there',)
    """
    pieces = str(spec).split("+")
    parts, start = [], 0
    while start < len(pieces):
        stops = range(start + 1, len(pieces) + 1)
        texts = {stop: "+".join(pieces[start:stop]) for stop in stops}
        whole = [stop for stop in stops if _is_there(texts[stop])]
        ends = [s for s in stops if s == len(pieces) or _starts(pieces, s)]
        stop = max(whole, default=ends[0])
        parts.append(texts[stop])
        start = stop
    return tuple(parts)


def path_of(spec):
    """Returns the path that one source is read from, or `None`.

    Example:

    >>> path_of("zip:birds.zip"), path_of("flora:")
    ('birds.zip', None)
    """
    kind, rest = kind_of(spec)
    if not SOURCES[kind].facts.get("path"):
        return None
    return path_and_options(kind, rest)[0]


def path_and_options(kind, text):
    """Splits `list.csv?label=kind` into the path and a dict of options.

    A path that is there with its `?` is taken whole.

    Args:
        kind: String, a kind of sources that are paths.
        text: String, what follows its colon.

    Raises:
        ValueError: If an option is none of the kind's.

    Example:

    >>> path_and_options("csv", "list.csv?label=kind")
    ('list.csv', {'label': 'kind'})
    """
    known = SOURCES[kind].facts.get("options", ())
    path, question, options = text.rpartition("?")
    if not known or not question or os.path.exists(text):
        return text, {}
    out = {}
    for part in options.split("&"):
        name, equals, value = part.partition("=")
        if name not in known or not equals or not value or name in out:
            raise ValueError(
                f"The options of `{kind}:` are {', '.join(known)}, written "
                f"?NAME=COLUMN&NAME=COLUMN. Received: {part!r} in "
                f"{kind}:{text}."
            )
        out[name] = value
    return path, out


def same_source(one, other):
    """Whether two specs name the same place, links followed.

    Example:

    >>> same_source("folder:photos", "folder:./photos/")
    True
    """
    return _places(one) == _places(other)


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
    return "+".join(_absolute(part) for part in parts_of(spec))


def _absolute(spec):
    """Returns the absolute spec of one source."""
    kind, rest = kind_of(spec)
    facts = SOURCES[kind].facts
    if facts.get("path"):
        path = path_and_options(kind, rest)[0]
        return f"{kind}:{os.path.abspath(path)}{rest[len(path) :]}"
    name, question, options = rest.partition("?")
    parts = options.split("&") if question else []
    for i, part in enumerate(parts):
        key, equals, value = part.partition("=")
        local = equals and "://" not in value
        if key in facts.get("path_options", ()) and local:
            parts[i] = f"{key}={os.path.abspath(value)}"
    return f"{kind}:{name}{question}{'&'.join(parts)}"


def _places(spec):
    """Returns what two specs of the same sources have in common."""
    places = []
    for part in parts_of(spec):
        path = path_of(part)
        kind = kind_of(part)[0]
        place = _absolute(part) if path is None else os.path.realpath(path)
        places.append((kind, place))
    return places


def _fact(name):
    """Returns pairs of a kind and its fact, of those that have it."""
    return [
        (kind, SOURCES[kind].facts[name])
        for kind in SOURCES.names()
        if name in SOURCES[kind].facts
    ]


def _is_there(text):
    """Whether a text, with a kind or without, is a path that exists."""
    kind, colon, rest = text.partition(":")
    if colon and kind in SOURCES:
        if not SOURCES[kind].facts.get("path"):
            return False
        if SOURCES[kind].facts.get("options") and not os.path.exists(rest):
            rest = rest.rpartition("?")[0] or rest
        return os.path.exists(rest)
    return os.path.exists(text)


def _starts(pieces, start):
    """Whether a source begins with a piece between two `+`."""
    kind, colon, _ = pieces[start].partition(":")
    stops = range(start + 1, len(pieces) + 1)
    return (bool(colon) and kind in SOURCES) or any(
        _is_there("+".join(pieces[start:stop])) for stop in stops
    )


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


def parse_cut(text):
    """Reads `"exponential:100"`, `"pareto:6:5"` or `"ids:list.txt"`.

    Args:
        text: String `KIND:VALUE`, with a `:` between several values.

    Returns:
        Tuple of the kind and a dict of arguments.

    Raises:
        ValueError: The text has another form.

    Example:

    >>> parse_cut("exponential:100")
    ('exponential', {'imbalance': 100.0})
    >>> parse_cut("pareto:6:5")
    ('pareto', {'alpha': 6.0, 'min_count': 5})
    """
    kind, _, rest = text.partition(":")
    arguments = {}
    try:
        types = CUTS[kind].facts["arguments"]
        # The last takes what is left: there may be a `:` in a path.
        texts = rest.split(":", max(len(types) - 1, 0))
        for (name, convert), value in zip(types.items(), texts, strict=False):
            if not value:
                raise ValueError(f"`{name}` is missing.")
            arguments[name] = convert(value)
        if rest and not types:
            raise ValueError(f"{rest} is left over.")
    except ValueError as error:
        raise ValueError(
            f"A cut is written {cut_forms()}. Received: {text!r}."
        ) from error
    return kind, arguments


def cut_forms():
    """Returns how cuts are written, in words.

    >>> cut_forms()
    'exponential:IMBALANCE[:MAX_COUNT], pareto:ALPHA[:MIN_COUNT]...cap:CAP, ...'
    """
    forms = []
    for kind in CUTS.names():
        first, *rest = [*CUTS[kind].facts["arguments"], ""]
        more = "".join(f"[:{name.upper()}]" for name in rest if name)
        forms.append(f"{kind}:{first.upper()}{more}" if first else kind)
    return ", ".join(forms)
