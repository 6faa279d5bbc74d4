"""Some classes of a source, as a source of its own."""

import numpy as np


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
        old = part.labels
        kept = part.take(np.flatnonzero((old >= 0) & (table[old] >= 0)))
        splits[name] = kept.with_labels(table[kept.labels])
    twin = source.with_splits(splits)
    twin.class_names = tuple(source.class_names[i] for i in numbers)
    twin.hierarchy = {
        key: tuple(values[i] for i in numbers)
        for key, values in source.hierarchy.items()
    }
    return twin
