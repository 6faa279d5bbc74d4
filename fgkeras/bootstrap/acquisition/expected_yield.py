"""What a round will bring, and how long people will sit over it."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.acquisition.candidates import checked_scores


@dataclasses.dataclass(frozen=True, eq=False)
class ExpectedYield:
    """Forecast of a round, by class.

    Attributes:
        offered: `int64 (num_classes,)`, pictures to decide on.
        shares: `float64 (num_classes,)`, of true ones among them; NaN where
            nothing is offered and nothing was decided.
        true_positives: `float64 (num_classes,)`, of those offered.
        card_minutes: `float64 (num_classes,)`, one picture at a time.
        grid_minutes: `float64 (num_classes,)`, a page at a time.

    Example:

    >>> found = expected_yield([0.5, 0.7], [0, 0], num_classes=1,
    ...                        card_seconds=3.0, grid_seconds=0.6)
    >>> found.offered.tolist(), found.shares.round(2).tolist()
    ([2], [0.6])
    """

    offered: np.ndarray
    shares: np.ndarray
    true_positives: np.ndarray
    card_minutes: np.ndarray
    grid_minutes: np.ndarray


def expected_yield(
    scores,
    classes,
    *,
    num_classes,
    card_seconds,
    grid_seconds,
    earlier_true=None,
    earlier_false=None,
    strength=10.0,
):
    """Forecasts true positives and minutes of a round before anybody starts.

        share_c = (t_c + strength m_c) / (t_c + f_c + strength)

    with `t_c` true and `f_c` false of the class in earlier rounds, and `m_c`
    the mean score of what is offered. So a class without decisions is believed
    to be as good as its scores, and one with many as good as it was. Give
    scores that are calibrated: a softmax at 0.9 is right far less often on a
    pool of other things.

    Args:
        scores: Float array of shape `(num_offered,)`, from 0 to 1.
        classes: Integer array of the same shape, predicted ones.
        num_classes: Int at least 1.
        card_seconds: Float at least 0, for a decision, one at a time.
        grid_seconds: Float at least 0, for a picture on a page of many.
        earlier_true: `None`, or integer array of shape `(num_classes,)`.
        earlier_false: `None`, or integer array of shape `(num_classes,)`.
        strength: Float above 0, how many decisions the scores are worth.
            Defaults to `10.0`.

    Returns:
        `ExpectedYield`.

    Raises:
        ValueError: For arrays that do not fit, or options out of range.

    Example:

    >>> found = expected_yield(
    ...     [0.8] * 30, [1] * 30, num_classes=2, card_seconds=2.0,
    ...     grid_seconds=0.5, earlier_true=[0, 1], earlier_false=[0, 9])
    >>> found.true_positives.round(1).tolist(), found.card_minutes.tolist()
    ([0.0, 13.5], [0.0, 1.0])
    """
    scores, classes = checked_scores("scores", scores), np.asarray(classes)
    whole = classes.dtype.kind in "iu" or not classes.size
    if scores.shape != classes.shape or scores.ndim != 1 or not whole:
        raise ValueError(
            "There must be a score and a class for each picture. Received: "
            f"scores.shape={scores.shape}, classes.shape={classes.shape}, "
            f"classes.dtype={classes.dtype}. Give those that are offered."
        )
    classes = classes.astype(np.int64)
    if classes.size and not 0 <= classes.min() <= classes.max() < num_classes:
        raise ValueError(
            "classes must be at least 0 and below num_classes. Received: "
            f"classes from {classes.min()} to {classes.max()}, num_classes="
            f"{num_classes}. Count from 0."
        )
    values = np.array([card_seconds, grid_seconds], np.float64)
    if not (np.isfinite(values) & (values >= 0)).all() or not strength > 0:
        raise ValueError(
            "Seconds must be at least 0, strength above 0. Received: "
            f"card_seconds={card_seconds}, grid_seconds={grid_seconds}, "
            f"strength={strength}. Measure them on the first page."
        )
    true = _counts("earlier_true", earlier_true, num_classes)
    false = _counts("earlier_false", earlier_false, num_classes)
    offered = np.bincount(classes, minlength=num_classes)
    total = np.bincount(classes, weights=scores, minlength=num_classes)
    # Where nothing is offered there is no score: decisions alone.
    weight = np.where(offered > 0, strength, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(offered > 0, total / offered, 0.0)
        shares = (true + weight * mean) / (true + false + weight)
    return ExpectedYield(
        offered,
        shares,
        np.where(offered > 0, offered * shares, 0.0),
        offered * card_seconds / 60,
        offered * grid_seconds / 60,
    )


def _counts(name, counts, num_classes):
    """Decisions of earlier rounds, none where there were none."""
    if counts is None:
        return np.zeros(num_classes)
    counts = np.asarray(counts)
    if counts.shape != (num_classes,) or not (counts >= 0).all():
        raise ValueError(
            f"{name} must be counts, one for each class. Received: "
            f"{name}={counts} for {num_classes} classes. 0 where none was "
            "decided."
        )
    return counts.astype(np.float64)
