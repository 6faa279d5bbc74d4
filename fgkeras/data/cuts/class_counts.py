"""Images per class of the usual long-tailed profiles."""

import numpy as np

from fgkeras.data.whole_numbers import whole_numbers


def _check(num_classes, max_count):
    if num_classes < 1:
        raise ValueError(
            "`num_classes` must be at least 1. "
            f"Received: num_classes={num_classes}."
        )
    if max_count < 1:
        raise ValueError(
            f"`max_count` must be at least 1. Received: max_count={max_count}."
        )


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
    _check(num_classes, max_count)
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


def pareto_counts(num_classes, max_count, *, alpha=6.0, min_count=None):
    """Images per class that follow the density of a Pareto (Lomax) law.

    `n_c = int(max_count * (1 + s * c / (num_classes - 1)) ** -(alpha + 1))`.
    `s` is 1, or, where `min_count` is given, solves for that last count. A
    small `alpha` with a given `min_count` has the heavier head and the longer
    tail.

    Args:
        num_classes: Integer, at least 1.
        max_count: Integer, images of class 0.
        alpha: Float, positive: the power of the law. Defaults to 6.
        min_count: `None` or integer in [1, max_count]: images of the last
            class.

    Returns:
        NumPy `int64` array of shape `(num_classes,)`, not increasing.

    Raises:
        ValueError: An argument is out of range.

    Example:

    >>> pareto_counts(5, 1280, alpha=6.0)
    array([1280,  268,   74,   25,   10])

    Note:
        ImageNet-LT names power 6 and ends 1280 and 5, but its draw was not
        published; its counts come from its list of files, not from here.
    """
    _check(num_classes, max_count)
    if not alpha > 0:
        raise ValueError(f"`alpha` must be positive. Received: alpha={alpha}.")
    if min_count is None:
        slope = 1.0
    elif 1 <= min_count <= max_count:
        slope = (max_count / min_count) ** (1 / (alpha + 1)) - 1
    else:
        raise ValueError(
            "`min_count` must be in [1, max_count]. "
            f"Received: min_count={min_count}, max_count={max_count}."
        )
    position = np.arange(num_classes) / max(num_classes - 1, 1)
    counts = max_count * (1 + slope * position) ** -(alpha + 1)
    # The ends are exact in real numbers; rounding must not truncate them.
    return np.floor(counts + 1e-6).astype("int64")


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
