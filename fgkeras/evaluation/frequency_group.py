"""Head, medium and tail: classes by how many training images they have."""

import numpy as np

LIMITS = (20, 100)


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
