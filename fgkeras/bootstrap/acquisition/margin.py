"""Candidates between two classes."""

import numpy as np


def margin(candidates, *, count=None):
    """Offers what lies between two classes, the closest first.

        order by s_i - rival_i

    Use it to better a model where it mistakes one class for another; it finds
    few true positives, since these are far from their rivals.

    Args:
        candidates: `Candidates`.
        count: `None` for all, or int at least 0.

    Returns:
        `int64 (num_offered,)`, positions; of equal margins the first one first.

    Raises:
        ValueError: If the count is below 0.

    Example:

    >>> from fgkeras.bootstrap.acquisition import Candidates
    >>> pool = Candidates.of([[0.9, 0.1], [0.4, 0.6]])
    >>> margin(pool, count=1).tolist()
    [1]

    Reference:
        Scheffer, Decomain, Wrobel, "Active Hidden Markov Models for Information
        Extraction", 2001.
    """
    gaps = candidates.scores - candidates.rivals
    return np.argsort(gaps, kind="stable")[: checked_count(count)]


def checked_count(count):
    """Returns a count, `None` or at least 0.

    Args:
        count: `None`, or int.

    Raises:
        ValueError: If it is below 0.

    Example:

    >>> checked_count(3)
    3
    """
    if count is not None and count < 0:
        raise ValueError(
            f"count must be at least 0. Received: count={count}. None is all."
        )
    return count
