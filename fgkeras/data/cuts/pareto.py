"""A cut to classes whose sizes follow a Pareto law."""

import functools

import numpy as np

from fgkeras.data.cuts.long_tail import check_sizes
from fgkeras.data.cuts.long_tail import profile_cut


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
    check_sizes(num_classes, max_count)
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


def pareto_cut(
    source,
    alpha=6.0,
    min_count=None,
    max_count=None,
    *,
    split="train",
    seed=0,
    allow_fewer=False,
):
    """Cuts a split to `pareto_counts`; class 0 becomes the largest.

    Args:
        source: `Source`.
        alpha: Float, positive: the power of the law. Defaults to 6.
        min_count: `None` or integer: images of the last class.
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
        functools.partial(pareto_counts, alpha=alpha, min_count=min_count),
        max_count=max_count,
        seed=seed,
        allow_fewer=allow_fewer,
        written=f"pareto:{alpha:g}:{min_count}:" if min_count else None,
    )
