"""Wrong labels by one detector or by two, and by which each was found."""

import dataclasses

import numpy as np

from fgkeras.suspects.checked import class_ids
from fgkeras.suspects.checked import unit_rows
from fgkeras.suspects.confident_label_errors import confident_label_errors
from fgkeras.suspects.label_doubts import label_doubts
from fgkeras.suspects.out_of_fold import out_of_fold_probabilities
from fgkeras.suspects.out_of_fold_doubts import out_of_fold_doubts

DETECTORS = ("features", "out-of-fold", "both")


@dataclasses.dataclass(frozen=True, eq=False)
class WrongLabels:
    """How doubtful each label is, and who says so.

    Attributes:
        scores: `float64 (num_images,)`, from 1 on the label is a suspect; NaN
            where it cannot be judged.
        nearest: `int64 (num_images,)`, the nearest image of the class that it
            might belong to, -1 where that cannot be said.
        by: Dict of `"features"`, `"out-of-fold"` or both to the scores of
            that detector.
        errors: Int, how many labels confident learning counts as wrong, or
            `None` where out-of-fold probabilities were not made.

    Example:

    >>> labels = np.repeat([0, 1], 50)
    >>> x = np.random.default_rng(0).normal(size=(100, 8))
    >>> x += 9 * np.eye(8)[labels]
    >>> labels[7] = 1
    >>> found = wrong_labels(x, labels, detector="both")
    >>> found.found_by(7), found.found_by(8), found.errors
    (['features', 'out-of-fold'], [], 1)
    """

    scores: np.ndarray
    nearest: np.ndarray
    by: dict
    errors: int | None

    def found_by(self, i, least=1.0):
        """Returns the names of the detectors that score image `i` so high."""
        return [n for n, scores in self.by.items() if scores[i] >= least]


def wrong_labels(
    features, labels, *, detector="features", seed=0, progress=None
):
    """Looks for wrong labels by the detectors asked for.

        features: `label_doubts`, neighbours and a linear classifier
        out-of-fold: `out_of_fold_doubts` of a logistic regression in 5 folds
        both: the mean of both scores, or the one that there is

    The mean finds labels of a random class better than either, and mistaken
    ones about as well as the features (`experiments/suspects`). Where the
    classes have too few images for folds (fewer than two with two images),
    out-of-fold judges none.

    Args:
        features: Float array of shape `(num_images, dim)`, finite.
        labels: Integer array of shape `(num_images,)`, at least 0.
        detector: String, one of those above. Defaults to `"features"`.
        seed: Int, of the folds. Defaults to `0`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `WrongLabels`.

    Raises:
        ValueError: For arrays that do not fit, fewer than two classes, or
            another detector.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([0, 1], 50)
    >>> x = rng.normal(size=(100, 8)) + 3 * np.eye(8)[labels]
    >>> labels[7] = 1
    >>> found = wrong_labels(x, labels, detector="out-of-fold")
    >>> int(found.scores.argmax()), list(found.by)
    (7, ['out-of-fold'])
    """
    check_detector(detector)
    x = unit_rows(features)
    ids, num_classes = class_ids(labels, len(x))
    if num_classes < 2:
        raise ValueError(
            "A label is wrong where another class is right. Received: "
            f"{num_classes} classes."
        )
    found, errors = {}, None
    parts = 1 + (detector == "both")
    if detector in ("features", "both"):
        shown = _part(progress, 0, parts, len(x))
        found["features"] = label_doubts(x, labels, progress=shown)
    if detector in ("out-of-fold", "both"):
        shown = _part(progress, parts - 1, parts, len(x))
        told = np.full((len(x), num_classes), np.nan)
        if (np.bincount(ids) > 1).sum() > 1:
            told = out_of_fold_probabilities(x, ids, seed=seed, progress=shown)
        (known,) = np.nonzero(~np.isnan(told[:, 0]))
        errors = 0
        if len(known):
            wrong = confident_label_errors(
                ids[known], told[known], method="both"
            )
            errors = int(wrong.sum())
        found["out-of-fold"] = out_of_fold_doubts(x, ids, told)
    by = {name: doubts.scores for name, doubts in found.items()}
    known = ~np.isnan([*by.values()])
    sums = np.where(known, [*by.values()], 0).sum(axis=0)
    count = known.sum(axis=0)
    scores = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    # The surer detector says which class it might be.
    nearest = np.full(len(x), -1, np.int64)
    largest = np.fmax.reduce([*by.values()])
    for doubts in found.values():
        surest = doubts.scores == largest
        nearest[surest] = doubts.nearest[surest]
    return WrongLabels(scores, nearest, by, errors)


def check_detector(detector):
    """Raises a ValueError for a detector that there is not.

    Args:
        detector: String.

    Example:

    >>> check_detector("out-of-fold")
    >>> check_detector("folds")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: detector must be one of features, ... detector='folds'.
    """
    if detector not in DETECTORS:
        raise ValueError(
            f"detector must be one of {', '.join(DETECTORS)}. Received: "
            f"detector={detector!r}."
        )


def _part(progress, i, parts, size):
    """Progress of one of several equal parts, in images."""
    if progress is None:
        return None
    return lambda done, total: progress(
        i * size + done * size // total, parts * size
    )
