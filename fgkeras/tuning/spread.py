"""How sure the score of a trial is."""

import math

import numpy as np
from scipy import stats

_LEVEL = 0.95


def spread(entries):
    """Returns the 95 % interval of the mean of some repeats.

        mean +- t(0.975, n - 1) * s / sqrt(n)

    of `n` repeats with the standard deviation `s`. Of one repeat it is the
    interval that its own number has, over validation images. Folds share most
    of their training images, so that theirs is a rough one.

    Args:
        entries: List of dicts with `value`, and perhaps `low` and `high`.

    Returns:
        Tuple of two floats, or of `None` where nothing is known.

    Example:

    >>> low, high = spread([{"value": 0.5}, {"value": 0.6}, {"value": 0.7}])
    >>> round(low, 3), round(high, 3)
    (0.352, 0.848)
    """
    if len(entries) == 1:
        return entries[0].get("low"), entries[0].get("high")
    values = np.array([entry["value"] for entry in entries])
    half = stats.t.ppf((1 + _LEVEL) / 2, len(values) - 1)
    half *= values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)
