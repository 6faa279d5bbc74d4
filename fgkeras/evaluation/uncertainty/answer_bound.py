"""The bound of hierarchical answers for a wanted accuracy."""

import dataclasses
import fractions
import math

import numpy as np

from fgkeras.evaluation.scored import check_labels
from fgkeras.evaluation.uncertainty.class_probabilities import (
    check_probabilities,
)
from fgkeras.evaluation.uncertainty.hierarchical_answers import (
    hierarchical_answers,
)

_HALF = 0.5


@dataclasses.dataclass(frozen=True)
class AnswerBound:
    """A bound and what it was chosen by.

    Attributes:
        bound: Float above 0.5; just above 1 where only the root is right
            often enough.
        accuracy: Float, the wanted share of right answers.
        num_images: Int, images that it was fitted to.
        measured: Float, share of these that it answers right.

    Example:

    >>> AnswerBound(0.8, 0.95, 100, 0.96).bound
    0.8
    """

    bound: float
    accuracy: float
    num_images: int
    measured: float


def fit_answer_bound(labels, probabilities, hierarchy, *, accuracy=0.95):
    """Chooses the bound by which answers are right as often as wanted.

    Use it on images that the model was neither trained on nor chosen by. The
    root counts as right, so that a bound always exists. The bound is the
    smallest b above one half with

        (wrong(b) + 1) / (n + 1) <= 1 - accuracy

    where wrong(b) counts the calibration images with a wrong answer. Then of
    images from the same source the share of right answers is at least
    `accuracy` on average over the draws of both, with any probabilities: a
    higher bound only moves answers up, so that none becomes wrong. That holds
    above one half alone, so a lower bound is never chosen, even where it would
    do. With scores of other models, as out of fold, it is measured only.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, each
            row adding up to 1.
        hierarchy: The `Hierarchy` of the classes.
        accuracy: Float in (0, 1). Defaults to `0.95`.

    Returns:
        `AnswerBound`.

    Raises:
        ValueError: If there are too few images for the accuracy, with how many
            it takes, and as `hierarchical_answers`.

    Example:

    >>> from fgkeras.evaluation import Hierarchy
    >>> birds = Hierarchy(["crow", "jay"], {"family": ["corvid", "corvid"]})
    >>> p = [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]
    >>> found = fit_answer_bound([0, 1, 1], p, birds, accuracy=0.75)
    >>> 0.6 < found.bound < 0.6001, found.measured
    (True, 1.0)

    Reference:
        Angelopoulos et al., "Conformal Risk Control", ICLR 2024, theorem 1.
    """
    found = check_probabilities(probabilities, sum_to_one=True)
    labels = check_labels(labels, len(found), hierarchy.num_classes)
    accuracy = float(accuracy)
    if not 0 < accuracy < 1:
        raise ValueError(
            "accuracy must lie between 0 and 1. Received: "
            f"accuracy={accuracy}. Usual is 0.95."
        )
    allowed = 1 - fractions.Fraction(repr(accuracy))
    most_wrong = math.floor(allowed * (len(found) + 1)) - 1
    if most_wrong < 0:
        needed = math.ceil(1 / allowed) - 1
        raise ValueError(
            f"An accuracy of {accuracy} needs at least {needed} images that "
            f"the model was not trained on. Received: {len(found)}. Hold more "
            "images back (data.calibration_share), or ask for less."
        )
    # Up to which bound each image is answered wrong. Above one half what a
    # level answers lies in what the levels above it answer.
    wrong_up_to = np.full(len(found), -np.inf)
    for place in range(len(hierarchy.levels) - 1):
        sums = hierarchy.probabilities(place, found)
        best = sums.argmax(axis=1)
        most = sums[np.arange(len(sums)), best]
        wrong = best != hierarchy.group_of[place][labels]
        wrong_up_to = np.where(
            wrong, np.maximum(wrong_up_to, most), wrong_up_to
        )
    descending = np.sort(wrong_up_to)[::-1]
    reached = _HALF
    if most_wrong < len(found):
        reached = min(max(_HALF, descending[most_wrong]), 1.0)
    bound = float(np.nextafter(reached, 2.0))
    right = hierarchical_answers(found, hierarchy, bound).right(labels)
    return AnswerBound(bound, accuracy, len(found), float(right.mean()))
