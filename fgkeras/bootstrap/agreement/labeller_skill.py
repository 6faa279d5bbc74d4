"""How good labellers are on items whose answer is known."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.agreement.checked_votes import checked_votes
from fgkeras.bootstrap.agreement.checked_votes import labeller_count
from fgkeras.evaluation.wilson_interval import wilson_interval


@dataclasses.dataclass(frozen=True, eq=False)
class LabellerSkill:
    """Answers to gold items, by labeller.

    Attributes:
        count: `int64 (num_labellers,)`, gold items answered.
        right: `int64 (num_labellers,)`, those answered rightly.
        accuracy: `float64 (num_labellers,)`, NaN without gold.
        low: `float64 (num_labellers,)`, lower end of its Wilson interval.
        high: `float64 (num_labellers,)`, upper end.
        recalls: `float64 (num_labellers, num_classes)`, accuracy on gold of
            each class, NaN without: the second is low for who overlooks
            positives.
        paused: `bool (num_labellers,)`, who should stop and be talked to.

    Example:

    >>> votes = [[i, 0, 1] for i in range(20)]
    >>> found = labeller_skill(votes, [1] * 10 + [0] * 10, num_classes=2)
    >>> found.accuracy.tolist(), found.recalls.tolist(), found.paused.tolist()
    ([0.5], [[0.0, 1.0]], [True])
    """

    count: np.ndarray
    right: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray
    recalls: np.ndarray
    paused: np.ndarray


def labeller_skill(
    votes,
    gold,
    *,
    num_classes,
    num_labellers=None,
    threshold=0.8,
    least=20,
    level=0.95,
):
    """Measures labellers on gold items and says who should pause.

        paused_j = n_j >= least and k_j / n_j < threshold

    with `k_j` of `n_j` gold items right. Use it while people work: at every
    answer to a gold item. With 20 gold items somebody who is right in 9 of 10
    is paused by chance in 1 of 23 cases at 0.8; the interval says how far the
    accuracy could be off.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, rows of item, labeller
            and answer; those on items without gold are passed over.
        gold: Integer array of shape `(num_items,)`, the known class, or -1.
        num_classes: Int at least 2.
        num_labellers: `None` for those of the votes, or int.
        threshold: Float in [0, 1], pause below. Defaults to `0.8`.
        least: Int at least 1, gold items before anybody is paused. Defaults to
            `20`.
        level: Float in (0, 1), of the interval. Defaults to `0.95`.

    Returns:
        `LabellerSkill`.

    Raises:
        ValueError: For votes that are no votes, gold out of range, or options
            out of range.

    Example:

    >>> found = labeller_skill([[0, 0, 1], [1, 0, 0]], [1, -1], num_classes=2)
    >>> found.count.tolist(), found.right.tolist(), found.paused.tolist()
    ([1], [1], [False])
    """
    gold = checked_known(gold, num_classes)
    votes = checked_votes(votes, num_items=len(gold), num_classes=num_classes)
    if not 0 <= threshold <= 1 or least < 1:
        raise ValueError(
            "threshold must be a share from 0 to 1, least at least 1. "
            f"Received: threshold={threshold}, least={least}. "
            "Usual are 0.8 and 20."
        )
    num_labellers = labeller_count(votes, num_labellers)
    votes = votes[gold[votes[:, 0]] >= 0]
    truth = gold[votes[:, 0]]
    table = np.zeros((2, num_labellers, num_classes), np.int64)
    np.add.at(table[0], (votes[:, 1], truth), 1)
    np.add.at(table[1], (votes[:, 1], truth), votes[:, 2] == truth)
    (count, right), (of_class, hit) = table.sum(axis=2), table
    with np.errstate(invalid="ignore"):
        accuracy, recalls = right / count, hit / of_class
    low, high = wilson_interval(right, count, level=level)
    paused = (count >= least) & (right < threshold * count)
    return LabellerSkill(count, right, accuracy, low, high, recalls, paused)


def checked_known(known, num_classes):
    """Returns known classes as integers, -1 where none is known.

    Args:
        known: Integer array of shape `(num_items,)`.
        num_classes: Int.

    Raises:
        ValueError: For another shape, or classes out of range.

    Example:

    >>> checked_known([1, -1], 2).tolist()
    [1, -1]
    """
    known = np.asarray(known)
    whole = known.dtype.kind in "iu" or not known.size
    if known.ndim != 1 or not whole:
        raise ValueError(
            "Known classes must be one whole number for each item. Received: "
            f"shape={known.shape}, dtype={known.dtype}. -1 is not known."
        )
    if known.size and (known.min() < -1 or known.max() >= num_classes):
        raise ValueError(
            f"Known classes must be -1 or below {num_classes}. Received: "
            f"from {known.min()} to {known.max()}. -1 is not known."
        )
    return known.astype(np.int64)
