"""A cut to classes whose sizes fall exponentially."""

import functools

import numpy as np

from fgkeras.data.cuts.long_tail import check_sizes
from fgkeras.data.cuts.long_tail import profile_cut


def exponential_counts(num_classes, max_count, imbalance):
    """Images per class that fall exponentially, as in long-tailed CIFAR.

    `n_c = int(max_count * f ** (c / (num_classes - 1)))` with
    `f = 1 / imbalance`: class 0 is the largest. Truncation makes the real
    ratio of a short tail larger than asked: 500 images at 200 end at 2.

    Args:
        num_classes: Integer, at least 1.
        max_count: Integer, images of class 0.
        imbalance: Float, at least 1: largest over smallest class.

    Returns:
        NumPy `int64` array of shape `(num_classes,)`.

    Raises:
        ValueError: An argument is out of range.

    Example:

    >>> exponential_counts(10, 5000, 100)
    array([5000, 2997, 1796, 1077,  645,  387,  232,  139,   83,   50])

    Reference:
        Cui et al., Class-Balanced Loss Based on Effective Number of
        Samples, CVPR 2019.
    """
    check_sizes(num_classes, max_count)
    if not imbalance >= 1:
        raise ValueError(
            "`imbalance` is the largest over the smallest class and must be "
            f"at least 1. Received: imbalance={imbalance}."
        )
    if num_classes == 1:
        return np.array([max_count], dtype="int64")
    fraction = 1 / imbalance
    last = num_classes - 1
    # Python floats: a NumPy power may round 2997.0000 to 2996.9999.
    counts = [int(max_count * fraction ** (c / last)) for c in range(last + 1)]
    return np.array(counts, dtype="int64")


def exponential_cut(
    source,
    imbalance=100.0,
    max_count=None,
    *,
    split="train",
    seed=0,
    allow_fewer=False,
):
    """Cuts a split to `exponential_counts`; class 0 becomes the largest.

    Args:
        source: `Source`.
        imbalance: Float, at least 1: largest over smallest class. Defaults to
            100.
        max_count: `None` or integer, images of class 0. Defaults to the
            largest class.
        split: String. Defaults to `"train"`.
        seed: Non-negative integer. Defaults to 0.
        allow_fewer: Boolean, see `long_tail_cut`. Defaults to `False`.

    Raises:
        ValueError: A class has too few images.
    """
    return profile_cut(
        source,
        split,
        functools.partial(exponential_counts, imbalance=imbalance),
        max_count=max_count,
        seed=seed,
        allow_fewer=allow_fewer,
        written=f"exponential:{imbalance:g}:",
    )


def largest_imbalance(num_classes, max_count):
    """Returns the largest whole imbalance that leaves no class empty.

    Example:

    >>> largest_imbalance(10, 49)
    48
    """
    for imbalance in range(max_count, 1, -1):
        if exponential_counts(num_classes, max_count, imbalance)[-1] > 0:
            return imbalance
    return 1
