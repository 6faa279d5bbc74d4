"""McNemar's exact test: do two classifiers differ by more than luck?"""

import numpy as np
from scipy import stats


def mcnemar(first, second):
    """Exact p of two classifiers being equally good, on the same images.

    Use it for accuracy, which it counts in images. Only those count that one
    alone has right, `b` of the first and `c` of the second; if both are
    equally good, each is a toss of a coin:

        p = min(1, 2 P[X <= min(b, c)]),  X ~ Binomial(b + c, 1/2)

    It speaks of these two models, not of how far another training of them
    would be, and of one comparison: the smallest of many p is small by luck.

    Args:
        first: Array of shape `(num_images,)` of booleans, 0s and 1s: whether
            an image is right.
        second: The same of the other one.

    Returns:
        Dict: `only_first` (`b`), `only_second` (`c`), ints, and `p`, a float.

    Raises:
        ValueError: For no image, shapes that differ, or other values.

    Example:

    >>> mcnemar([1, 1, 1, 0, 1, 1], [0, 0, 0, 0, 0, 1])
    {'only_first': 4, 'only_second': 0, 'p': 0.125}

    Reference:
        McNemar, "Note on the Sampling Error of the Difference between
        Correlated Proportions or Percentages", Psychometrika 1947; the exact
        form is the sign test.
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.ndim != 1 or first.shape != second.shape or not first.size:
        raise ValueError(
            "first and second must have one value per image, for the same "
            f"images. Received: shapes {first.shape} and {second.shape}. "
            "Reduce both to the images they share."
        )
    for name, values in (("first", first), ("second", second)):
        if not np.isin(values, (0, 1)).all():
            raise ValueError(
                "McNemar's test is of right and wrong, 1 and 0. Received: "
                f"{name} with {np.unique(values)[:5]}. Compare other numbers "
                "by paired_difference."
            )
    first, second = first.astype(bool), second.astype(bool)
    b, c = int((first & ~second).sum()), int((second & ~first).sum())
    p = 2 * stats.binom.cdf(min(b, c), b + c, 0.5) if b + c else 1.0
    return {"only_first": b, "only_second": c, "p": float(min(1.0, p))}
