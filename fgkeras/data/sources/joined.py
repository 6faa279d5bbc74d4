"""Several sources as one: `A+B`."""

import dataclasses
import os

import numpy as np

from fgkeras.data.sources.layout import check_class_names
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import joined_splits
from fgkeras.data.spec import path_and_options
from fgkeras.registries import SOURCES

_CLASSES = ("merge", "apart")


def joined(*sources, classes="merge"):
    """Returns the images of several sources as one source.

    Splits of one name are joined. The id of an image is that in its own
    source behind the name of the source, as in `birds.zip/train/crow/1.jpg`:
    the last part of its path, or its kind, and a number where two are equal.
    Columns of images and boxes join as `joined_splits` says. A column of the
    hierarchy is kept where every source with classes has it and classes of
    one name agree; `notes` says which ones were left out.

    Args:
        *sources: `Source`, two or more.
        classes: `"merge"`, classes of one name are one class; or `"apart"`,
            they stay different ones, named `SOURCE/CLASS`. Defaults to
            `"merge"`.

    Returns:
        `Source`. Classes stand in the order in which they first come.

    Raises:
        ValueError: if `classes` is another, or two names of classes differ by
            case or Unicode form alone.

    Example:

    >>> from fgkeras.data.sources.source import Split
    >>> class Made(Source):
    ...     def read(self, image_id):
    ...         return image_id.encode()
    >>> split = Split(("1",), np.array([0]))
    >>> both = joined(
    ...     Made("here:", ["elm"], {"all": split}),
    ...     Made("there:", ["oak"], {"all": split}))
    >>> both.class_names, both.split("all").ids
    (('elm', 'oak'), ('here/1', 'there/1'))
    >>> both.read("there/1")
    b'1'
    """
    if classes not in _CLASSES or len(sources) < 2:
        raise ValueError(
            "Two sources or more are joined, with `classes` one of "
            f"{', '.join(_CLASSES)}. Received: {len(sources)} sources, "
            f"classes={classes!r}."
        )
    return JoinedSource(_named(sources), apart=classes == "apart")


class JoinedSource(Source):
    """The images of several sources; see `joined`.

    Args:
        sources: Dict of name to `Source`.
        apart: Bool, whether classes of one name stay different.
    """

    def __init__(self, sources, *, apart):
        names = {
            name: [f"{name}/{c}" if apart else c for c in source.class_names]
            for name, source in sources.items()
        }
        class_names = tuple(dict.fromkeys(c for n in names.values() for c in n))
        number = {c: i for i, c in enumerate(class_names)}
        self.spec = "+".join(source.spec for source in sources.values())
        check_class_names(self.spec, class_names)
        splits = {}
        for name, source in sources.items():
            # The last is that of images without a class, -1.
            table = np.array([number[c] for c in names[name]] + [-1], "int64")
            for split, part in source.splits.items():
                part = dataclasses.replace(
                    part,
                    ids=tuple(f"{name}/{i}" for i in part.ids),
                    labels=table[part.labels],
                )
                splits.setdefault(split, []).append(part)
        hierarchy, notes = _hierarchy(sources, names, class_names)
        super().__init__(
            self.spec,
            class_names,
            {split: joined_splits(parts) for split, parts in splits.items()},
            hierarchy,
            [
                (f"{name}/{file}", reason)
                for name, source in sources.items()
                for file, reason in source.refused
            ],
            [*(n for s in sources.values() for n in s.notes), *notes],
        )
        self.listed = tuple(
            f"{name}/{i}" for name, s in sources.items() for i in s.listed
        )
        self.may_hold_bad = any(s.may_hold_bad for s in sources.values())
        self.split_like = next(
            (s.split_like for s in sources.values() if s.split_like), None
        )
        self._sources = {}
        for name, source in sources.items():
            twin = source.with_splits(source.splits)
            # What was run through already moves here, to be held once.
            twin.sound = {}
            self.used_bits.update(
                (f"{name}/{i}", bits) for i, bits in source.used_bits.items()
            )
            self._sources[name] = twin
            self.sound.update(
                (f"{name}/{i}", found) for i, found in source.sound.items()
            )

    def read(self, image_id):
        """Returns the encoded bytes of one image. Thread-safe."""
        name, _, own = image_id.partition("/")
        return self._sources[name].read(own)

    def stamps(self, ids):
        """Returns what the sources know of their images."""
        places = {}
        for place, image_id in enumerate(ids):
            name, _, own = image_id.partition("/")
            places.setdefault(name, []).append((place, own))
        out = [None] * len(ids)
        for name, rows in places.items():
            found = self._sources[name].stamps([own for _, own in rows])
            for (place, _), stamp in zip(rows, found or (), strict=False):
                out[place] = stamp
        return out if any(stamp is not None for stamp in out) else None


def _named(sources):
    """Returns a dict of sources by names that differ."""
    out = {}
    for source in sources:
        kind, _, rest = source.spec.partition(":")
        path = kind in SOURCES and SOURCES[kind].facts.get("path")
        rest = path_and_options(kind, rest)[0] if path else rest
        base = os.path.basename(os.path.abspath(rest)) if path else kind
        base = name = base.replace("/", "_") or "source"
        number = 1
        while name in out:
            number += 1
            name = f"{base}-{number}"
        out[name] = source
    return out


def _hierarchy(sources, names, class_names):
    """Returns the columns that all sources agree on, and notes on others."""
    kept, notes = {}, []
    with_classes = {n: s for n, s in sources.items() if s.class_names}
    for column in dict.fromkeys(
        column for s in with_classes.values() for column in s.hierarchy
    ):
        lacking = [
            n for n, s in with_classes.items() if column not in s.hierarchy
        ]
        parent, unlike = {}, None
        for name, source in with_classes.items():
            values = source.hierarchy.get(column, ())
            for c, value in zip(names[name], values, strict=False):
                if parent.setdefault(c, value) != value:
                    unlike = unlike or (c, parent[c], value)
        if lacking:
            reason = f"{lacking[0]} has none"
        elif unlike:
            reason = "class {} has {} and {}".format(*unlike)
        else:
            kept[column] = tuple(parent[c] for c in class_names)
            continue
        notes.append(
            f"The parents `{column}` of the classes are left out: {reason}."
        )
    return kept, notes
