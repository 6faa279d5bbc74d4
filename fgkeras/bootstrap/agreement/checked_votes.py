"""Votes in one form: who said what of which item."""

import numpy as np


def checked_votes(votes, *, num_items, num_classes, repeated=False):
    """Returns votes as an integer matrix, or says what is wrong with them.

    A vote is a row `(item, labeller, answer)`. Of "is it this class" the answer
    is 0 for no and 1 for yes; skipped and unsure ones are no votes and have no
    row. Every function of this package reads its votes by this one.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, all at least 0.
        num_items: Int, items are below it.
        num_classes: Int at least 2, answers are below it.
        repeated: Bool, whether a labeller may vote more than once on an item.
            Defaults to `False`.

    Returns:
        `int64 (num_votes, 3)`.

    Raises:
        ValueError: For another shape, fractions, what lies outside of its
            range, or votes that are repeated.

    Example:

    >>> checked_votes([[0, 1, 1]], num_items=1, num_classes=2).tolist()
    [[0, 1, 1]]
    """
    if num_classes < 2 or num_items < 0:
        raise ValueError(
            "There must be at least 2 classes, and no fewer than 0 items. "
            f"Received: num_classes={num_classes}, num_items={num_items}. "
            "True or false positive are 2 classes."
        )
    votes = np.asarray(votes)
    if not votes.size:
        return np.zeros((0, 3), np.int64)
    if votes.ndim != 2 or votes.shape[1] != 3 or votes.dtype.kind not in "iu":
        raise ValueError(
            "Votes must be whole numbers, a row (item, labeller, answer) each. "
            f"Received: votes.shape={votes.shape}, dtype={votes.dtype}. Stack "
            "them as columns."
        )
    votes = votes.astype(np.int64)
    _check_range(votes, num_items, num_classes)
    if not repeated:
        pairs, count = np.unique(votes[:, :2], axis=0, return_counts=True)
        if (count > 1).any():
            item, labeller = pairs[count > 1][0]
            raise ValueError(
                "A labeller has one vote on an item. Received: votes with "
                f"{count.max()} of labeller={labeller} on item={item}. Keep "
                "the last one."
            )
    return votes


def _check_range(votes, num_items, num_classes):
    """Refuses what is below 0 or past the end."""
    ends = {"item": num_items, "labeller": np.inf, "answer": num_classes}
    for column, (name, end) in zip(votes.T, ends.items(), strict=True):
        (wrong,) = np.nonzero((column < 0) | (column >= end))
        if len(wrong):
            raise ValueError(
                f"{name} must be at least 0 and below {end}. Received: "
                f"{name}={column[wrong[0]]} in row {wrong[0]}. Leave out "
                "skipped ones, and count from 0."
            )


def labeller_count(votes, num_labellers):
    """Returns how many labellers there are, known or as the votes say.

    Args:
        votes: `int64 (num_votes, 3)`.
        num_labellers: `None` for those of the votes, or int above all of them.

    Raises:
        ValueError: If votes name a labeller past the end.

    Example:

    >>> labeller_count(np.array([[0, 4, 1]]), None)
    5
    """
    seen = int(votes[:, 1].max()) + 1 if len(votes) else 0
    if num_labellers is None:
        return seen
    if num_labellers < seen:
        raise ValueError(
            "Labellers must be below num_labellers. Received: "
            f"num_labellers={num_labellers} with labeller={seen - 1}. Count "
            "them from 0."
        )
    return int(num_labellers)
