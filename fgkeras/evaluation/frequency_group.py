"""Head, medium and tail: classes by how many training images they have."""

import numpy as np

LIMITS = (20, 100)
# The word for limits that follow from the classes' sizes.
AUTO = "auto"
# Sizes that differ by less than this factor make no head and no tail.
_UNEVEN = 2
# The usual limits say nothing where one group has more of the classes.
_MOST = 0.9


def frequency_groups(train_counts, limits=LIMITS):
    """Splits the classes into head, medium and tail.

    With the usual limits head has more than 100 training images, medium 20 to
    100 inclusive, tail fewer than 20 (none at all included).

    Args:
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class.
        limits: Sequence of whole numbers `(a, b)`: tail has fewer than a, head
            more than b; or `(a,)`: tail has fewer than a, head at least a, and
            there is no medium. Defaults to `(20, 100)`.

    Returns:
        Dict of "head", "medium" (with two limits) and "tail", in this order,
        each a boolean array of shape `(num_classes,)`. They are disjoint and
        cover all classes.

    Raises:
        ValueError: for another shape, a negative count, what is no whole
            number, or limits that do not rise.

    Example:

    >>> groups = frequency_groups([101, 100, 20, 19])
    >>> {name: mask.nonzero()[0].tolist() for name, mask in groups.items()}
    {'head': [0], 'medium': [1, 2], 'tail': [3]}
    >>> groups = frequency_groups([101, 100, 20, 19], [100])
    >>> {name: mask.nonzero()[0].tolist() for name, mask in groups.items()}
    {'head': [0, 1], 'tail': [2, 3]}

    References:
        Liu et al., "Large-Scale Long-Tailed Recognition in an Open World",
        CVPR 2019 (many-, medium- and few-shot). Cui et al., "Large Scale
        Fine-Grained Categorization and Domain-Specific Transfer Learning",
        CVPR 2018, table 4 (one limit, 100).
    """
    low, high = _checked(limits)
    counts = np.asarray(train_counts)
    whole = counts.dtype.kind in "iu" or (
        counts.dtype.kind == "f"
        and (np.isfinite(counts) & (counts == np.floor(counts))).all()
    )
    if counts.ndim != 1 or not whole or not (counts >= 0).all():
        raise ValueError(
            "train_counts must be one whole number >= 0 per class. Received: "
            f"train_counts={train_counts}. Count the labels of the training "
            "split with numpy.bincount(labels, minlength=num_classes)."
        )
    groups = {
        "head": counts > high,
        "medium": (counts >= low) & (counts <= high),
        "tail": counts < low,
    }
    if len(limits) == 1:
        del groups["medium"]
    return groups


def group_limits(train_counts, limits=AUTO):
    """Returns the limits of head and tail for the classes of a set.

    Use it where nobody chose limits. They are 20 and 100, as in the
    literature, where these tell classes apart: no group has more than nine
    tenths of them. Else, where the largest class has at least twice as many
    images as the smallest, the limits nearest to a third of the classes in
    the tail and a third in the head; with two sizes the one between them. Sets
    of even classes have no head and no tail, and no limits.

    Args:
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class.
        limits: `"auto"`, or limits that were chosen, which are returned as
            they are. Defaults to `"auto"`.

    Returns:
        List of one or two rising whole numbers as `frequency_groups` takes
        them, or an empty list.

    Raises:
        ValueError: As `frequency_groups`.

    Example:

    >>> group_limits([500, 90, 12]), group_limits([5, 5, 5])
    ([20, 100], [])
    >>> group_limits([9, 8, 5, 4, 2, 1]), group_limits([3, 3, 9])
    ([4, 7], [9])

    References:
        The usual limits: Liu et al., CVPR 2019, see `frequency_groups`.
    """
    if not isinstance(limits, str):
        return [int(n) for n in limits]
    if limits != AUTO:
        raise ValueError(
            f"limits must be {AUTO!r} or whole numbers. Received: "
            f"limits={limits!r}. Usual are 20 and 100."
        )
    groups = frequency_groups(train_counts)
    counts = np.asarray(train_counts)
    if not len(counts):
        return []
    if max(mask.mean() for mask in groups.values()) <= _MOST:
        return list(LIMITS)
    sizes = np.unique(counts)
    if sizes[-1] < _UNEVEN * max(sizes[0], 1):
        return []
    below = np.array([(counts < size).mean() for size in sizes[1:]])
    # The tail has fewer than `low`, the head at least `high`.
    low = int(sizes[1:][np.abs(below - 1 / 3).round(9).argmin()])
    heads = [
        (round(abs(2 / 3 - share), 9), int(size))
        for share, size in zip(below, sizes[1:], strict=True)
        if size > low + 1
    ]
    if len(sizes) == 2 or not heads:
        return [int(sizes[1:][np.abs(below - 1 / 2).round(9).argmin()])]
    return [low, min(heads)[1] - 1]


def group_ranges(limits=LIMITS):
    """Returns what each group of `frequency_groups` holds, in words.

    Args:
        limits: Sequence of one or two rising whole numbers, as
            `frequency_groups` takes them. Defaults to `(20, 100)`.

    Returns:
        Dict of name to text, in the order of the groups.

    Raises:
        ValueError: For limits that do not rise.

    Example:

    >>> group_ranges((100,))["head"]
    'at least 100 training images'
    """
    low, high = _checked(limits)
    head = f"more than {high}" if len(limits) == 2 else f"at least {low}"
    ranges = {"head": head, "tail": f"fewer than {low}"}
    if len(limits) == 2:
        ranges = {"head": head, "medium": f"{low} to {high}", **ranges}
    return {name: f"{text} training images" for name, text in ranges.items()}


def _checked(limits):
    """The smallest and the largest number of medium, if there is one."""
    numbers = [int(n) for n in limits]
    rising = numbers == sorted(set(numbers)) and len(numbers) in (1, 2)
    if not rising or numbers != list(limits) or numbers[0] < 1:
        raise ValueError(
            "limits must be one or two rising whole numbers from 1 on. "
            f"Received: limits={limits}. Usual are 20 and 100."
        )
    return numbers[0], numbers[-1] - (len(numbers) == 1)
