"""Sure positives, sure negatives, and what people must look at."""

import numpy as np

from fgkeras.bootstrap.acquisition.candidates import checked_scores

POSITIVE, UNLABELLED, NEGATIVE = 1, 0, -1


def three_way_split(scores, low, high):
    """Splits a pool of one class by two thresholds.

        positive: s > high,  negative: s <= low,  unlabelled: between

    Use it round after round on what is left unlabelled, with thresholds of
    `split_thresholds`. What it calls positive nobody has seen: look at a random
    part of it before it is taken.

    Args:
        scores: Float array of shape `(num_images,)`, from 0 to 1.
        low: Float of at most `high`.
        high: Float.

    Returns:
        `int64 (num_images,)`: 1 positive, 0 unlabelled, -1 negative.

    Raises:
        ValueError: With row numbers, for scores that are none, or thresholds in
            the wrong order.

    Example:

    >>> three_way_split([0.1, 0.5, 0.9, 0.8], 0.1, 0.8).tolist()
    [-1, 0, 1, 0]

    Reference:
        Yu et al., "LSUN: Construction of a Large-scale Image Dataset using Deep
        Learning with Humans in the Loop", arXiv 1506.03365.
    """
    scores = checked_scores("scores", scores)
    if not low <= high:
        raise ValueError(
            f"low must be at most high. Received: low={low}, high={high}. Take "
            "both from split_thresholds."
        )
    return np.where(
        scores > high, POSITIVE, np.where(scores <= low, NEGATIVE, UNLABELLED)
    )


def split_thresholds(correct, scores, *, precision=0.99, recall=0.99):
    """Returns two thresholds that keep what was asked on labelled pictures.

    `high` is the lowest score above which at least `precision` of the labelled
    are positive. `low` is the highest score at or below which at most `1 -
    recall` of the positives lie. Where no threshold keeps the precision, `high`
    is 1 and nothing is taken. Where the two would cross, both are `high`, which
    keeps both shares.

    Both were chosen on these labels, and hold a little less well on others.
    Label a random part of the pool for them: of a part above a threshold they
    know nothing below it.

    Args:
        correct: Boolean array of shape `(num_labelled,)`, what people said.
        scores: Float array of the same shape, from 0 to 1.
        precision: Float in (0, 1]. Defaults to `0.99`.
        recall: Float in (0, 1]. Defaults to `0.99`.

    Returns:
        `(low, high)`, floats with `low <= high`.

    Raises:
        ValueError: For no positives, scores that are none, or options out of
            range.

    Example:

    >>> scores = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9]
    >>> split_thresholds([False, False, True, False, True, True], scores)
    (0.2, 0.6)

    Reference:
        Yu et al., arXiv 1506.03365, as above.
    """
    scores = checked_scores("scores", scores)
    correct = np.asarray(correct)
    if correct.shape != scores.shape or correct.dtype != bool:
        raise ValueError(
            "correct must be true or false for each score. Received: "
            f"correct.shape={correct.shape}, dtype={correct.dtype}, "
            f"scores.shape={scores.shape}. Leave out unsure ones."
        )
    for name, share in (("precision", precision), ("recall", recall)):
        if not 0 < share <= 1:
            raise ValueError(
                f"{name} must be above 0 and at most 1. Received: "
                f"{name}={share}. Usual is 0.99."
            )
    if not correct.any():
        raise ValueError(
            "There must be positives among the labelled. Received: none of "
            f"{len(correct)}. Label more of the highest scores."
        )
    order = np.argsort(scores, kind="stable")
    scores, correct = scores[order], correct[order]
    # Cuts behind the last of equal scores; -1 is before all.
    cuts = np.concatenate([[-1], np.flatnonzero(np.diff(scores) > 0)])
    below = np.concatenate([[0], np.cumsum(correct)])[cuts + 1]
    positives = correct.sum()
    lost = below <= (1 - recall) * positives + 1e-9
    low_cut = cuts[lost].max()
    low = _score_at(scores, low_cut)
    kept = (positives - below) >= precision * (len(scores) - 1 - cuts) - 1e-9
    high_cut = cuts[kept].min() if kept.any() else None
    if high_cut is None:
        return low, 1.0
    high = _score_at(scores, high_cut)
    return min(low, high), high


def _score_at(scores, cut):
    """The score of a cut; before all of them something below."""
    if cut >= 0:
        return float(scores[cut])
    return 0.0 if scores[0] > 0 else -1.0
