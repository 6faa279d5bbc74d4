"""A source with the class numbers of another list of classes."""

import numpy as np


def renumbered(source, class_names):
    """Gives a source's labels the numbers that a run's classes have.

    Args:
        source: `Source`.
        class_names: Sequence of strings, the names in their order.

    Returns:
        `Source` of these classes, without a hierarchy; -1 stays -1.

    Raises:
        ValueError: If it has classes that are not among them.

    Example:

    >>> from fgkeras.data.sources.source import Source, Split
    >>> source = Source("x", "ba", {"all": Split(("1", "2"), np.array([0, 1]))})
    >>> renumbered(source, ("a", "b", "c")).split("all").labels.tolist()
    [1, 0]
    """
    number = {name: i for i, name in enumerate(class_names)}
    unknown = [n for n in source.class_names if n not in number]
    if unknown:
        raise ValueError(
            "The classes must be among those of the run. Received: "
            f"{len(unknown)} others in {source.spec}: "
            f"{', '.join(unknown[:5])}. The run knows {len(number)}, such as "
            f"{', '.join(class_names[:3])}."
        )
    # The last is that of images without a class, -1.
    table = np.array([number[n] for n in source.class_names] + [-1], "int64")
    twin = source.with_splits(
        {
            name: part.with_labels(table[part.labels])
            for name, part in source.splits.items()
        }
    )
    twin.class_names = tuple(class_names)
    twin.hierarchy = {}
    return twin
