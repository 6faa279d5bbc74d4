"""Head, medium and tail: classes by how many training images they have."""

import numpy as np

HEAD_ABOVE = 100
TAIL_BELOW = 20


def frequency_groups(train_counts):
    """Splits the classes into head, medium and tail.

    Head has more than 100 training images, medium 20 to 100 inclusive, tail
    fewer than 20 (none at all included).

    Args:
        train_counts: Integer array of shape `(num_classes,)`, training images
            per class.

    Returns:
        Dict of "head", "medium" and "tail", in this order, each a boolean array
        of shape `(num_classes,)`. They are disjoint and cover all classes.

    Raises:
        ValueError: for another shape, a negative count, or what is no whole
            number.

    Example:

    >>> groups = frequency_groups([101, 100, 20, 19])
    >>> {name: mask.nonzero()[0].tolist() for name, mask in groups.items()}
    {'head': [0], 'medium': [1, 2], 'tail': [3]}

    Reference:
        Liu et al., "Large-Scale Long-Tailed Recognition in an Open World",
        CVPR 2019 (many-, medium- and few-shot).
    """
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
    return {
        "head": counts > HEAD_ABOVE,
        "medium": (counts >= TAIL_BELOW) & (counts <= HEAD_ABOVE),
        "tail": counts < TAIL_BELOW,
    }
