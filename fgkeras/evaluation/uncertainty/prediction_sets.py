"""Sets of classes that hold the true one with a probability that was asked."""

import dataclasses

import numpy as np
from scipy.special import betaincinv

from fgkeras.evaluation.scored import check_labels
from fgkeras.evaluation.uncertainty.class_probabilities import (
    check_probabilities,
)
from fgkeras.evaluation.uncertainty.conformal_rank import conformal_rank

SCORES = ("plain", "prevalence")


@dataclasses.dataclass(frozen=True)
class PredictionSets:
    """One threshold per class: a class is in the set where p_c reaches it.

    Attributes:
        level: Float in (0, 1), the wanted share of sets with the true class.
        score: `"plain"` or `"prevalence"`.
        thresholds: `float64` array of shape `(num_classes,)`.
        num_images: Int, images that they were fitted to.
        rank: Int, how many of these the thresholds must keep.

    Example:

    >>> sets = PredictionSets(0.5, "plain", np.array([0.3, 0.3]), 3, 2)
    >>> sets.in_set([[0.7, 0.3], [0.9, 0.1]]).tolist()
    [[True, True], [True, False]]
    """

    level: float
    score: str
    thresholds: np.ndarray
    num_images: int
    rank: int

    def in_set(self, probabilities):
        """Returns which classes are in the set of each image.

        A set may be empty: no class is likely enough.

        Args:
            probabilities: Float array of shape `(num_images, num_classes)`.

        Returns:
            Bool array of that shape.

        Raises:
            ValueError: For another number of classes, or no probabilities.
        """
        found = check_probabilities(probabilities)
        if found.shape[1] != len(self.thresholds):
            raise ValueError(
                "probabilities must have a column per class of the sets. "
                f"Received: {found.shape[1]} columns for "
                f"{len(self.thresholds)} classes. Use the model that the sets "
                "were fitted to."
            )
        return found >= self.thresholds

    def coverage_interval(self, share=0.95):
        """Returns where the coverage lies, given these calibration images.

        The guarantee is a mean over all draws of calibration images. Of one
        draw the coverage is itself random; with scores that do not tie

            coverage ~ Beta(k, n + 1 - k)

        and with ties it is no lower. The interval leaves out equal parts of
        both sides.

        Args:
            share: Float in (0, 1), how much of it is inside. Defaults to
                `0.95`.

        Returns:
            `(low, high)`, floats.

        Reference:
            Vovk, "Conditional Validity of Inductive Conformal Predictors",
            ACML 2012.
        """
        k, other = self.rank, self.num_images + 1 - self.rank
        low, high = betaincinv(k, other, [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)


def fit_prediction_sets(
    labels, probabilities, *, level=0.9, score="plain", prevalence=None
):
    """Fits sets of classes that hold the true one in `level` of the images.

    Use it on images that the model was neither trained on nor chosen by, such
    as the calibration images of a run. Of images from the same source the
    share of sets with the true class is at least `level`, on average over the
    draws of both: for any model and without its probabilities being right, so
    that sigmoids do as well. It is no promise for each class. Where the images
    of use have other shares of classes, or come from elsewhere, there is none.
    A temperature that was fitted to the same images breaks the rule by one
    number, which no measurement has shown
    (`experiments/prediction_sets/coverage.py`).

        plain:       c in set  <=>  p_c >= q
        prevalence:  c in set  <=>  p_c / pi_c >= q

    with q the k-th largest value of the calibration images' true classes, k =
    ceil((n + 1) level). The plain score makes the smallest sets; the one
    divided by prevalence gives up some of that to keep rare classes in: among
    all sets of a mean size it makes the mean of the classes' coverages the
    largest, if the probabilities are right. Take the plain score where the
    logits were already adjusted by the prevalence, or it is taken away twice.

    Equal scores are all kept, so ties cost size, never coverage. With q = 0,
    where true classes got no probability at all, every class is in every set.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, values
            in [0, 1]. A class without an image is fine.
        level: Float in (0, 1). Defaults to `0.9`.
        score: `"plain"` or `"prevalence"`. Defaults to `"plain"`.
        prevalence: Float array of shape `(num_classes,)`, above 0: the share
            or the number of the training images of each class, with
            `score="prevalence"` alone. Defaults to `None`.

    Returns:
        `PredictionSets`.

    Raises:
        ValueError: If there are too few images for the level, a class has no
            prevalence, or one that is not used is given; and for labels
            outside the classes, and what are no probabilities.

    Example:

    >>> labels = [0, 0, 1, 1]
    >>> p = [[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]
    >>> fit_prediction_sets(labels, p, level=0.75).thresholds.tolist()
    [0.3, 0.3]
    >>> sets = fit_prediction_sets(
    ...     labels, p, level=0.75, score="prevalence", prevalence=[3, 1])
    >>> sets.thresholds.round(3).tolist()
    [0.8, 0.267]

    References:
        Sadinle, Lei, Wasserman, "Least Ambiguous Set-Valued Classifiers with
        Bounded Error Levels", JASA 2019 (plain). Ding, Fermanian, Salmon,
        "Conformal Prediction for Long-Tailed Classification", arXiv
        2507.06867 (prevalence-adjusted softmax).
    """
    found = check_probabilities(probabilities)
    num_images, num_classes = found.shape
    labels = check_labels(labels, num_images, num_classes)
    weights = _weights(score, prevalence, num_classes)
    rank = conformal_rank(num_images, level)
    own = found[np.arange(num_images), labels].astype(np.float64)
    values = own / weights[labels]
    q = np.partition(values, num_images - rank)[num_images - rank]
    thresholds = q * weights
    # Rounding of q * w / w must not lose the images that q was taken from.
    kept = values >= q
    np.minimum.at(thresholds, labels[kept], own[kept])
    return PredictionSets(float(level), score, thresholds, num_images, rank)


def _weights(score, prevalence, num_classes):
    if score not in SCORES:
        raise ValueError(
            f"score must be one of {', '.join(SCORES)}. Received: "
            f"score={score!r}. Use 'prevalence' for rare classes."
        )
    if (score == "prevalence") != (prevalence is not None):
        given = "none" if prevalence is None else "one"
        raise ValueError(
            "prevalence must be given with score='prevalence', and with no "
            f"other. Received: score={score!r} and {given}. Give the number "
            "of training images of each class."
        )
    if prevalence is None:
        return np.ones(num_classes)
    weights = np.asarray(prevalence, np.float64)
    if weights.shape != (num_classes,) or not np.isfinite(weights).all():
        raise ValueError(
            "prevalence must be one finite number per class. Received: "
            f"prevalence.shape={weights.shape} for {num_classes} classes. "
            "Count the labels of the training images."
        )
    if not (weights > 0).all():
        which = int(np.argmin(weights))
        raise ValueError(
            "prevalence must be above 0 for every class. Received: "
            f"prevalence[{which}]={weights[which]}. A class without a training "
            "image is not known: leave it out, or use score='plain'."
        )
    return weights / weights.sum()
