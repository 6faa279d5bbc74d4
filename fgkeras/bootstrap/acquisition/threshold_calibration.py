"""What a threshold keeps and loses, from decisions and a random part."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.acquisition.candidates import checked_scores
from fgkeras.evaluation.wilson_interval import wilson_interval


@dataclasses.dataclass(frozen=True, eq=False)
class ThresholdCalibration:
    """Precision and recall of a cut of the scores, each with its interval.

    Attributes:
        precision: Float, of what is above; NaN where nothing was decided.
        precision_interval: `(low, high)`.
        recall: Float, of all true ones how many are above; NaN where no true
            one was found.
        recall_interval: `(low, high)`.
        missed: Float, true ones expected below.
        missed_interval: `(low, high)`.
        bins: List of dicts: `lower`, `upper`, `n` decided, and, `None` for an
            empty bin, `score` and `share` of true ones, both weighted.

    Example:

    >>> found = threshold_calibration([True, False], [0.9, 0.1], [1.0, 0.5])
    >>> found.precision, found.recall, len(found.bins)
    (1.0, 1.0, 10)
    """

    precision: float
    precision_interval: tuple
    recall: float
    recall_interval: tuple
    missed: float
    missed_interval: tuple
    bins: list


def threshold_calibration(
    correct, scores, inclusion, *, above=0.5, num_bins=10, level=0.95
):
    """Estimates what lies below a threshold from a random part of it.

        missed = sum of y_i / pi_i below,   recall = found / (found + missed)

    with `y` whether it is true and `pi` the chance that it was looked at
    (Horvitz-Thompson): 1 where all above the threshold are decided, the share
    of the audit slice below.

    The interval of `missed` is Wilson's of the share of true ones, for as many
    pictures as the weights are worth (Kish), times the pictures the part stands
    for; so it has a width where none was found, and the pictures seen are never
    taken for fewer true ones than they are. That of recall joins the ends of
    found and missed and is a little too wide.

    Args:
        correct: Boolean array of shape `(num_decided,)`, true or false
            positive. Unsure ones are left out.
        scores: Float array of the same shape, from 0 to 1.
        inclusion: Float array of the same shape, in (0, 1], the chance to be
            among the decided.
        above: Float in [0, 1). Defaults to `0.5`.
        num_bins: Int at least 1, of equal width. Defaults to `10`.
        level: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `ThresholdCalibration`.

    Raises:
        ValueError: For arrays that do not fit, or options out of range.

    Example:

    >>> correct = np.array([True] * 60 + [False] * 40 + [True] + [False] * 49)
    >>> scores = np.array([0.9] * 100 + [0.2] * 50)
    >>> inclusion = np.where(scores > 0.5, 1.0, 0.02)
    >>> found = threshold_calibration(correct, scores, inclusion)
    >>> found.precision, round(found.missed), round(found.recall, 3)
    (0.6, 50, 0.545)
    >>> [round(end, 2) for end in found.recall_interval]
    [0.19, 0.87]

    References:
        Horvitz and Thompson, "A Generalization of Sampling Without Replacement
        From a Finite Universe", JASA 1952. Kish, "Survey Sampling", 1965.
    """
    correct, inclusion = np.asarray(correct), np.asarray(inclusion, np.float64)
    scores = checked_scores("scores", scores)
    if not correct.shape == scores.shape == inclusion.shape or scores.ndim != 1:
        raise ValueError(
            "There must be an answer, a score and a chance for each picture. "
            f"Received: correct.shape={correct.shape}, scores.shape="
            f"{scores.shape}, inclusion.shape={inclusion.shape}. Give those "
            "that were decided."
        )
    if correct.dtype != bool:
        raise ValueError(
            "correct must be true or false. Received: "
            f"correct.dtype={correct.dtype}. Leave out unsure ones."
        )
    if not ((inclusion > 0) & (inclusion <= 1)).all():
        raise ValueError(
            "inclusion must be above 0 and at most 1. Received: values from "
            f"{inclusion.min()} to {inclusion.max()}. It is 1 where all were "
            "decided."
        )
    if not 0 <= above < 1 or num_bins < 1:
        raise ValueError(
            "above must be at least 0 and below 1, num_bins at least 1. "
            f"Received: above={above}, num_bins={num_bins}. Usual are 0.5, 10."
        )
    weights = 1 / inclusion
    cut = scores > above
    found, found_ends, share, ends = _total(correct[cut], weights[cut], level)
    missed, missed_ends, _, _ = _total(correct[~cut], weights[~cut], level)
    return ThresholdCalibration(
        share,
        ends,
        _ratio(found, missed),
        (
            _ratio(found_ends[0], missed_ends[1]),
            _ratio(found_ends[1], missed_ends[0]),
        ),
        missed,
        missed_ends,
        _bins(correct, scores, weights, num_bins),
    )


def _total(correct, weights, level):
    """Weighted number of true ones and its ends; their share and its ends."""
    if not len(correct):
        return 0.0, (0.0, 0.0), float("nan"), (float("nan"),) * 2
    everything = weights.sum()
    true = float((weights * correct).sum())
    share = float(true / everything)
    worth = everything**2 / (weights**2).sum()
    low, high = wilson_interval(min(share * worth, worth), worth, level=level)
    ends = float(low), float(high)
    if (weights == 1).all():
        # All were looked at: their number is no estimate.
        return true, (true, true), share, ends
    seen, seen_false = int(correct.sum()), int((~correct).sum())
    number = (
        max(ends[0] * everything, seen),
        min(ends[1] * everything, everything - seen_false),
    )
    return true, number, share, ends


def _ratio(found, missed):
    """Share of the first; NaN where both are 0."""
    whole = found + missed
    return float(found / whole) if whole > 0 else float("nan")


def _bins(correct, scores, weights, num_bins):
    """Reliability: mean score and share of true ones of each bin."""
    edges = np.linspace(0, 1, num_bins + 1)
    which = np.clip(np.searchsorted(edges, scores) - 1, 0, None)
    rows = []
    for index in range(num_bins):
        mine = which == index
        total = weights[mine].sum()
        rows.append(
            {
                "lower": float(edges[index]),
                "upper": float(edges[index + 1]),
                "n": int(mine.sum()),
                "score": float((weights * scores)[mine].sum() / total)
                if mine.any()
                else None,
                "share": float((weights * correct)[mine].sum() / total)
                if mine.any()
                else None,
            }
        )
    return rows
