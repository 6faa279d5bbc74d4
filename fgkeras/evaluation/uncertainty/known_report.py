"""How well a score tells known images from unknown ones."""

import statistics

import numpy as np

from fgkeras.evaluation.uncertainty.unknown_inputs import check_scores
from fgkeras.evaluation.wilson_interval import wilson_interval

_LEVEL = 0.95
_KEPT = 0.95
_DEFINITIONS = {
    "auroc": "Probability that a known image has a higher score than one of "
    "the other set, ties counting half; low and high: 95 % interval of DeLong "
    "et al. on the logit scale.",
    "fpr95": "Share of the other set at or above the score that 95 % of the "
    "known test images reach.",
    "kept": "Share of the known test images at or above the threshold; low and "
    "high: 95 % Wilson score interval.",
    "refused": "Share of the other set below the threshold; low and high: 95 % "
    "Wilson score interval.",
}


def known_report(known, others, *, threshold=None):
    """Measures a score of unknown inputs, ready to be written as JSON.

    Use it on test images of the classes and on sets that are not of them, near
    (other species) and far (other things). Neither may have been used for the
    threshold.

    Args:
        known: Float array of shape `(num_known,)`, scores of images of the
            classes, high where known.
        others: Dict of a set's name to a float array of shape `(num_others,)`,
            scores of images of none of the classes.
        threshold: Float, that of `fit_known_threshold`, or `None` without one.
            Defaults to `None`.

    Returns:
        Dict of plain Python values: `num_known`; `threshold`; `kept`:
        `{"value", "low", "high"}`, `None` without a threshold; `sets`: dict of
        name to `{"num_images", "auroc": {"value", "low", "high"}, "fpr95",
        "refused"}`, the last as `kept`; `definitions`: dict of sentences.

    Raises:
        ValueError: For scores that are not finite, no other set, or a
            threshold that is not finite.

    Example:

    >>> report = known_report([3.0, 4.0], {"cars": [1.0, 3.5]}, threshold=2.0)
    >>> report["sets"]["cars"]["auroc"]["value"], report["kept"]["value"]
    (0.75, 1.0)
    """
    known = check_scores("known", known)
    if not others:
        raise ValueError(
            "others must name at least one set of other images. Received: "
            f"others={others}. Give for example pictures of other species."
        )
    if threshold is not None and not np.isfinite(threshold):
        raise ValueError(
            "threshold must be a finite number. Received: "
            f"threshold={threshold}. Use fit_known_threshold."
        )
    ascending = np.sort(known)
    # The largest score that at least 95 % of the known images reach.
    reached = ascending[int(np.floor(len(known) * (1 - _KEPT) + 1e-9))]
    sets = {}
    for name, scores in others.items():
        scores = check_scores(f"others[{name!r}]", scores)
        value, low, high = auroc_interval(known, scores)
        sets[name] = {
            "num_images": len(scores),
            "auroc": {"value": value, "low": low, "high": high},
            "fpr95": float((scores >= reached).mean()),
            "refused": _share(scores < threshold)
            if threshold is not None
            else None,
        }
    return {
        "num_known": len(known),
        "threshold": None if threshold is None else float(threshold),
        "kept": None if threshold is None else _share(known >= threshold),
        "sets": sets,
        "definitions": dict(_DEFINITIONS),
    }


def auroc_interval(high, low, *, level=0.95):
    """Area under the ROC curve of two samples, with DeLong's interval.

        A = P(x > y) + P(x = y) / 2

    Its variance is that of the mean over the `high` of the share of `low`
    below each, plus the same the other way round. The interval is taken of
    log(A / (1 - A)), so it stays within 0 and 1. Where the samples do not
    overlap the variance is 0, and the interval is Wilson's of as many images
    as the smaller sample has.

    Args:
        high: Float array of shape `(num_high,)`, expected to be higher.
        low: Float array of shape `(num_low,)`.
        level: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `(value, low, high)`, floats; no interval (`None`) where a sample has
        one image alone.

    Raises:
        ValueError: For scores that are not finite.

    Example:

    >>> auroc_interval([2.0, 3.0], [1.0, 2.0])[0]
    0.875

    Reference:
        DeLong, DeLong, Clarke-Pearson, "Comparing the Areas under Two or More
        Correlated Receiver Operating Characteristic Curves", Biometrics 1988.
        Sun and Xu, "Fast Implementation of DeLong's Algorithm", IEEE Signal
        Processing Letters 2014 (by ranks).
    """
    high, low = check_scores("high", high), check_scores("low", low)
    over = _share_below(high, low)
    under = 1 - _share_below(low, high)
    area = float(over.mean())
    if min(len(high), len(low)) < 2:
        return area, None, None
    variance = over.var(ddof=1) / len(high) + under.var(ddof=1) / len(low)
    if variance == 0 or not 0 < area < 1:
        count = min(len(high), len(low))
        ends = wilson_interval(area * count, count, level=level)
        return area, float(ends[0]), float(ends[1])
    z = statistics.NormalDist().inv_cdf((1 + level) / 2)
    half = z * np.sqrt(variance) / (area * (1 - area))
    odds = np.log(area / (1 - area)) + np.array([-half, half])
    ends = 1 / (1 + np.exp(-odds))
    return area, float(ends[0]), float(ends[1])


def _share_below(values, others):
    """Share of `others` below each value, equal ones counting half."""
    others = np.sort(others)
    below = np.searchsorted(others, values, "left")
    up_to = np.searchsorted(others, values, "right")
    return (below + up_to) / (2 * len(others))


def _share(values):
    low, high = wilson_interval(values.sum(), len(values), level=_LEVEL)
    return {
        "value": float(values.mean()),
        "low": float(low),
        "high": float(high),
    }
