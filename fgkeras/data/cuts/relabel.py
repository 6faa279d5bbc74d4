"""The same images under coarser labels: a level of the label hierarchy."""

import numpy as np


def relabel(source, column, *, keep=()):
    """Labels a source by the parents of its classes.

    Use it to train or to measure at another level, such as families for
    species; and with `keep`, at levels in between.

    Args:
        source: `Source` with a label hierarchy (`classes.csv`).
        column: String, a column of it, such as `"family"`.
        keep: Parents whose classes keep their own names: relabelling with
            more and more of them goes from coarse to fine. Defaults to none.

    Returns:
        `Source` with the same images. Its classes are the sorted parents (and
        kept classes); its hierarchy holds the columns in which each new class
        has one value. Images without a label stay so.

    Raises:
        ValueError: if there is no such column, a parent to keep is not in it,
            or a parent has the name of a kept class.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> birds = Source("x", ["coot", "crow", "rook"],
    ...     {"all": Split(("a", "b", "c"), np.array([0, 1, 2]))},
    ...     {"family": ["rails", "crows", "crows"]})
    >>> families = relabel(birds, "family")
    >>> families.class_names, families.split("all").labels.tolist()
    (('crows', 'rails'), [1, 0, 0])
    >>> relabel(birds, "family", keep=["crows"]).class_names
    ('crow', 'rails', 'rook')
    """
    parents = _column(source, column)
    unknown = sorted(set(keep) - set(parents))
    if unknown:
        raise ValueError(
            f"`keep` must name values of the column {column}. Received: "
            f"{unknown[:5]}. It holds {', '.join(sorted(set(parents))[:10])}."
        )
    names = [
        name if parent in keep else parent
        for name, parent in zip(source.class_names, parents, strict=True)
    ]
    merged = {p for p in parents if p not in keep}
    clash = sorted(
        merged.intersection(
            name
            for name, parent in zip(source.class_names, parents, strict=True)
            if parent in keep
        )
    )
    if clash:
        raise ValueError(
            "A kept class must not have the name of a parent. Received: "
            f"{clash[:5]}. Rename one of them in classes.csv."
        )
    class_names = tuple(sorted(set(names)))
    number = {name: i for i, name in enumerate(class_names)}
    # The last is that of images without a class, -1.
    table = np.array([number[name] for name in names] + [-1], "int64")
    twin = source.with_splits(
        {
            name: split.with_labels(table[split.labels])
            for name, split in source.splits.items()
        }
    )
    twin.class_names = class_names
    twin.hierarchy = _hierarchy(source.hierarchy, names, class_names)
    return twin


def coarse_to_fine(source, column, *, seed=0):
    """Yields a source relabelled step by step from parents to classes.

    The first has the parents of `column` as classes; each next one gives the
    classes of one more parent, drawn at random, their own names. Parents of a
    single class, whose turn would change the name alone, come with the step
    before.

    Args:
        source: `Source` with a label hierarchy.
        column: String, a column of it.
        seed: Int, the order of the parents.

    Yields:
        `Source`, with a rising number of classes.

    Raises:
        ValueError: as `relabel`.

    Example:

    >>> from fgkeras.data.sources.source import Source
    >>> birds = Source("x", ["coot", "crow", "rook"], {},
    ...     {"family": ["rails", "crows", "crows"]})
    >>> [s.num_classes for s in coarse_to_fine(birds, "family")]
    [2, 3]

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, figure 6.5.
    """
    parents = _column(source, column)
    names, counts = np.unique(parents, return_counts=True)
    several = names[counts > 1]
    order = np.random.default_rng(seed).permutation(len(several))
    keep = []
    yield relabel(source, column)
    for i in order:
        keep.append(several[i].item())
        yield relabel(source, column, keep=keep)


def _column(source, column):
    if column not in source.hierarchy:
        known = ", ".join(sorted(source.hierarchy))
        raise ValueError(
            "`column` must be one of the label hierarchy. Received: "
            f"column={column!r}; {source.spec} has "
            f"{known or 'none, add a classes.csv'}."
            + "".join(f" {note}" for note in source.notes)
        )
    return source.hierarchy[column]


def _hierarchy(hierarchy, names, class_names):
    """Keeps the columns in which every new class has a single value."""
    kept = {}
    for column, parents in hierarchy.items():
        values = {}
        for name, parent in zip(names, parents, strict=True):
            values.setdefault(name, set()).add(parent)
        if all(len(found) == 1 for found in values.values()):
            kept[column] = tuple(min(values[name]) for name in class_names)
    return kept
