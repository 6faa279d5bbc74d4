"""Some classes of a source, as a source of its own."""

import numpy as np

from fgkeras.data.sources.source import Split

ALL = "*"


def with_all_images(source):
    """Returns the source with one more split, `"*"`: the images of all others.

    Use it for unseen classes, where the split of the set means nothing. An
    image that several splits share stands in it once.

    Example:

    >>> from fgkeras.data.sources.source import Source
    >>> part = Split(("a", "b"), np.array([0, 1]))
    >>> source = Source("x", "yz", {"all": part, "test": part.take([1])})
    >>> with_all_images(source).split("*").ids
    ('a', 'b')
    """
    parts = list(source.splits.values())
    boxes = None
    if parts and all(part.boxes is not None for part in parts):
        boxes = np.concatenate([part.boxes for part in parts])
    joined = Split(
        tuple(i for part in parts for i in part.ids),
        np.concatenate([part.labels for part in parts]),
        boxes,
    )
    first = {}
    for place, image_id in enumerate(joined.ids):
        first.setdefault(image_id, place)
    if len(first) < len(joined):
        joined = joined.take(list(first.values()))
    return source.with_splits({**source.splits, ALL: joined})


def class_numbers(text, num_classes):
    """Reads ranges of class numbers such as `"0:98,150"`.

    Args:
        text: String: numbers and half-open ranges, separated by commas.
        num_classes: Int.

    Returns:
        Sorted `int64` array.

    Raises:
        ValueError: If the text is none, or a number is out of range.

    Example:
    >>> class_numbers("0:3,7", 10).tolist()
    [0, 1, 2, 7]
    """
    numbers = set()
    try:
        for part in text.split(","):
            first, colon, last = part.partition(":")
            start = int(first) if first or not colon else 0
            stop = int(last or num_classes) if colon else start + 1
            numbers.update(range(start, stop))
    except ValueError:
        numbers = {-1}
    if not numbers or min(numbers) < 0 or max(numbers) >= num_classes:
        raise ValueError(
            "Classes are numbers and half-open ranges from 0 to the number of "
            f"classes, {num_classes}, such as 0:98 or 0:3,7. "
            f"Received: {text!r}."
        )
    return np.array(sorted(numbers), "int64")


def select_classes(source, numbers):
    """Returns the source reduced to some classes, numbered anew from 0.

    Args:
        source: `Source`.
        numbers: Integer array, classes to keep, in their new order.

    Returns:
        `Source` whose splits hold the images of these classes only.
    """
    numbers = np.asarray(numbers, "int64")
    table = np.full(source.num_classes, -1, "int64")
    table[numbers] = np.arange(len(numbers))
    splits = {}
    for name, part in source.splits.items():
        kept = part.take(np.flatnonzero(table[part.labels] >= 0))
        splits[name] = Split(kept.ids, table[kept.labels], kept.boxes)
    twin = source.with_splits(splits)
    twin.class_names = tuple(source.class_names[i] for i in numbers)
    twin.hierarchy = {
        key: tuple(values[i] for i in numbers)
        for key, values in source.hierarchy.items()
    }
    return twin
