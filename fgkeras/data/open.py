"""Opening image sources by a short text, such as `folder:photos`."""

import inspect
import re

from fgkeras.data.images.screened import screened
from fgkeras.data.sources.boxes import boxed
from fgkeras.data.sources.file_names import Globs
from fgkeras.data.sources.joined import joined
from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import kind_of
from fgkeras.data.spec import parts_of
from fgkeras.registries import SOURCES

# What a caller may need of a source.
NEEDS = ("images", "labels")


def open(
    spec,
    *,
    needs=NEEDS,
    skip_bad=False,
    ignore=(),
    keep_bytes=0,
    decoded=True,
    boxes=False,
):
    """Opens a source of images.

    | text | what |
    | --- | --- |
    {table}

    A bare path is guessed: a folder with a `manifest.json` is `records:`, any
    other `folder:`, a `.zip` file `zip:`, a `.csv` file `csv:`.

    `A+B` joins sources, see `joined`: classes of one name are one. A path that
    is there with a `+` in its name is that path.

    Args:
        spec: String or path.
        needs: Sequence of `"images"` and `"labels"`, what the caller cannot do
            without. Defaults to both.
        skip_bad: Boolean. By default anything that cannot be used stops with
            an error that names it. If True, it is left out and listed in the
            source's `refused`: stray files, empty class folders, and, after
            reading each image once, those that cannot be decoded. Drawn
            pictures and records, which were run through once, are not.
        ignore: Sequence of globs of what is left out without a word, such as
            `["*.mov", "old/*"]`: of file names, of names of folders, or, with
            a `/`, of paths. Those that meet nothing are among the source's
            `notes`, but for the quiet ones of `Globs`. Defaults to none.
        keep_bytes: Integer, with `skip_bad`, most bytes of images that were
            read and are kept for `load_encoded` and `convert`, which then
            read them no second time. Defaults to 0.
        decoded: Boolean, with `skip_bad`, whether each image is read and
            decoded now. Where it is not, whoever reads one finds out.
            Defaults to True.
        boxes: Boolean, whether pictures are to be cropped to their boxes: an
            image without one that lies within it is a bad image then. Defaults
            to False.

    Returns:
        `Source`.

    Raises:
        ValueError: if the kind is unknown, the source lacks what is needed or
            has no boxes where they are asked for, or what the kind says.

    Example:

    >>> open("photos:x")
    Traceback (most recent call last):
    ...
    ValueError: The kind before `:` must be one of folder, zip, ... \
Received: spec='photos:x'.
    """
    unknown = sorted(set(needs) - set(NEEDS))
    if unknown:
        raise ValueError(
            f"`needs` must be some of {', '.join(NEEDS)}. Received: "
            f"needs={tuple(needs)}, with {unknown[0]!r}."
        )
    parts = parts_of(spec)
    places = [absolute_spec(part) for part in parts]
    if len(set(places)) < len(parts):
        raise ValueError(
            "Sources that are joined must be different. Received: "
            f"spec={str(spec)!r}, with one of them twice."
        )
    ignore, found = Globs(ignore, getattr(ignore, "quiet", 0)), []
    for part in parts:
        source = _opened(part, needs, skip_bad, ignore)
        if skip_bad and decoded and source.may_hold_bad:
            source = screened(source, keep_bytes=keep_bytes)
        found.append(source)
        keep_bytes -= sum(
            len(data) for _, data in found[-1].sound.values() if data
        )
    source = found[0] if len(found) == 1 else joined(*found)
    if boxes:
        source = boxed(source, skip_bad=skip_bad)
    if ignore.missed:
        globs = ", ".join(map(repr, ignore.missed))
        text = f"Of what is ignored (--ignore), {globs} meets nothing of {spec}"
        source.notes = (*source.notes, f"{text}.")
    return source


def _opened(spec, needs, skip_bad, ignore):
    """Opens one source and holds it against what is needed."""
    kind, rest = kind_of(spec)
    make = SOURCES.load(kind).from_spec
    if ignore and "ignore" in inspect.signature(make).parameters:
        source = make(rest, skip_bad=skip_bad, ignore=ignore)
    else:
        source = make(rest, skip_bad=skip_bad).without(ignore)
    if "images" in needs and source.kind != "images":
        raise ValueError(
            f"This needs images. Received: {source.spec}, which holds "
            f"{source.kind}. Name the source that they were made of."
        )
    if "labels" in needs and not source.labelled:
        raise ValueError(
            f"This needs images with labels. Received: {source.spec}, whose "
            "images have no class. Put them into CLASS folders (folder:PATH), "
            "or list them with labels (csv:PATH)."
        )
    return source


def register_source(name, target, *, form="TEXT", meaning="", path=False):
    """Adds a kind of source, which every verb then opens by `NAME:...`.

    It lasts as long as the process: a program that calls it can call
    `fgkeras.cli.main.main` after it.

    Args:
        name: String: lower-case letters, digits, `_`.
        target: `"package.module:Class"`, a `Source` whose `from_spec(text,
            skip_bad=...)` opens what follows the colon; or the class itself.
        form: String, how what follows the colon is written. Defaults to
            `"TEXT"`.
        meaning: String, some words for lists. Defaults to none.
        path: Bool, whether what follows the colon is a path, so that a run
            finds it from other folders too. Defaults to `False`.

    Raises:
        ValueError: If the name is taken, or of another form.

    Example:

    >>> register_source("my photos", "mymodule:Photos")
    Traceback (most recent call last):
    ...
    ValueError: `name` must be lower-case letters, ... Received: 'my photos'.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise ValueError(
            "`name` must be lower-case letters, digits and underscores, a "
            f"letter first. Received: {name!r}."
        )
    SOURCES.register(name, target, form=form, meaning=meaning, path=path)


def _table():
    """Returns the rows of all kinds, for the docstring of `open`."""
    return "\n    ".join(
        f"| `{kind}:{entry.facts['form']}` | {entry.facts['meaning']} |"
        for kind in SOURCES.names()
        for entry in [SOURCES[kind]]
    )


# Without docstrings, as under `python -OO`, there is none to fill in.
if open.__doc__:
    open.__doc__ = open.__doc__.replace("{table}", _table())
