"""What most labellers said."""

import numpy as np

from fgkeras.bootstrap.agreement.checked_votes import checked_votes

TIED = -1


def majority(votes, *, num_items, num_classes):
    """Returns the answer that most labellers gave of each item.

        y_i = argmax_c #{votes on i that say c}

    Use it where labellers are few and equally good, and as what a better
    consensus has to beat.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, rows of item, labeller
            and answer; one of a labeller on an item.
        num_items: Int.
        num_classes: Int at least 2.

    Returns:
        `int64 (num_items,)`: the class, or -1 where several have the most votes
        or nobody voted.

    Raises:
        ValueError: For votes that are no votes.

    Example:

    >>> votes = [[0, 0, 1], [0, 1, 1], [0, 2, 0], [1, 0, 1], [1, 1, 0]]
    >>> majority(votes, num_items=3, num_classes=2).tolist()
    [1, -1, -1]
    """
    votes = checked_votes(votes, num_items=num_items, num_classes=num_classes)
    counts = np.zeros((num_items, num_classes), np.int64)
    np.add.at(counts, (votes[:, 0], votes[:, 2]), 1)
    most = counts.max(axis=1, keepdims=True)
    alone = (counts == most).sum(axis=1) == 1
    return np.where(alone, counts.argmax(axis=1), TIED)
