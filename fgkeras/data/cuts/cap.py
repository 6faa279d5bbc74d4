"""A cut to at most so many images of a class."""

import numpy as np

from fgkeras.data.cuts.long_tail import long_tail_cut
from fgkeras.data.whole_numbers import whole_numbers


def cap_counts(counts, cap):
    """Images per class when no class may have more than `cap`.

    Args:
        counts: Integer array of shape `(num_classes,)`.
        cap: Integer, at least 1.

    Returns:
        NumPy `int64` array of shape `(num_classes,)`.

    Raises:
        ValueError: `cap` is below 1, or a count is no whole number.

    Example:

    >>> cap_counts([7, 2, 5], 4)
    array([4, 2, 4])
    """
    if cap < 1:
        raise ValueError(f"`cap` must be at least 1. Received: cap={cap}.")
    return np.minimum(whole_numbers("counts", counts), cap)


def cap_cut(source, cap, *, split="train", seed=0):
    """Trims the classes of a split that have more than `cap` images.

    The natural order of the classes stays.

    Args:
        source: `Source`.
        cap: Integer, at least 1.
        split: String. Defaults to `"train"`.
        seed: Non-negative integer. Defaults to 0.
    """
    counts = cap_counts(source.counts(split), cap)
    labels = source.split(split).labels
    return source.select(split, long_tail_cut(labels, counts, seed))
