"""Candidates of which the model knows least."""

import numpy as np

from fgkeras.bootstrap.acquisition.margin import checked_count


def entropy(candidates, *, count=None):
    """Offers what the model is least sure of, over all classes.

        order by - sum_k s_ik log s_ik,  highest first

    Use it as `margin`, where more than two classes compete. Pictures of nothing
    in the vocabulary stand in front.

    Args:
        candidates: `Candidates` made of the scores of all classes.
        count: `None` for all, or int at least 0.

    Returns:
        `int64 (num_offered,)`, positions; of equal ones the first one first.

    Raises:
        ValueError: If only the best scores are known, or the count is below 0.

    Example:

    >>> from fgkeras.bootstrap.acquisition import Candidates
    >>> pool = Candidates.of([[0.9, 0.1, 0.0], [0.4, 0.3, 0.3]])
    >>> entropy(pool, count=1).tolist()
    [1]
    """
    if candidates.entropies is None:
        raise ValueError(
            "Entropy needs the scores of all classes. Received: "
            "candidates.entropies=None. Make them by Candidates.of(scores), "
            "or order by margin."
        )
    order = np.argsort(-candidates.entropies, kind="stable")
    return order[: checked_count(count)]
