"""Candidates that the model is sure enough of."""

import numpy as np


def threshold(candidates, *, above=0.5):
    """Offers what scores above a threshold, the highest first.

        D = {i : s_i > above}

    A score of exactly `above` is not in it. Use it where the model is good
    enough that what it finds is often right; people then say true or false.

    Args:
        candidates: `Candidates`.
        above: Float in [0, 1). Defaults to `0.5`.

    Returns:
        `int64 (num_offered,)`, positions; of equal scores the first one first.

    Raises:
        ValueError: If the threshold is out of range.

    Example:

    >>> from fgkeras.bootstrap.acquisition import Candidates
    >>> pool = Candidates.of([[0.5, 0.5], [0.6, 0.4], [0.1, 0.9]])
    >>> threshold(pool).tolist()
    [2, 1]
    """
    if not 0 <= above < 1:
        raise ValueError(
            f"above must be at least 0 and below 1. Received: above={above}. "
            "Usual is 0.5."
        )
    (offered,) = np.nonzero(candidates.scores > above)
    return offered[np.argsort(-candidates.scores[offered], kind="stable")]
