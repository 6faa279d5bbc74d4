"""How far a share of few images could be off: Wilson's score interval."""

import statistics

import numpy as np


def wilson_interval(correct, count, *, level=0.95):
    """Interval of a share that was counted, also where it is 0 or 1.

    Use it for the recall of one class, which rests on few images: the
    bootstrap has no width where all of them are right. The ends are the
    shares p from which the counted one is z standard errors away:

        |k / n - p| = z sqrt(p (1 - p) / n)

    Args:
        correct: Integer array, images that are right.
        count: Integer array of the same shape, all images.
        level: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `(low, high)`, float64 arrays of that shape; NaN where there is no
        image.

    Raises:
        ValueError: If there are more right than all, or level is out of range.

    Example:

    >>> low, high = wilson_interval([10, 0], [10, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.722, 0.0], [1.0, 0.278])

    Reference:
        Wilson, "Probable Inference, the Law of Succession, and Statistical
        Inference", JASA 1927.
    """
    k, n = np.asarray(correct, np.float64), np.asarray(count, np.float64)
    if k.shape != n.shape or not ((k >= 0) & (k <= n)).all():
        raise ValueError(
            "correct must lie between 0 and count. Received: "
            f"correct={correct}, count={count}. Give whole numbers of images."
        )
    if not 0 < level < 1:
        raise ValueError(
            f"level must lie between 0 and 1. Received: level={level}. Usual "
            "is 0.95."
        )
    square = statistics.NormalDist().inv_cdf((1 + level) / 2) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = k / n
        middle = (k + square / 2) / (n + square)
        half = np.sqrt(square * (n * share * (1 - share) + square / 4))
        half = half / (n + square)
    # Exactly the end where all or none are right, which rounding may miss.
    low = np.where(k == 0, 0.0, middle - half)
    high = np.where(k == n, 1.0, middle + half)
    empty = n == 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)
