"""How much more often answers are right when they may be less exact."""

import numpy as np

from fgkeras.evaluation.uncertainty.hierarchical_answers import (
    hierarchical_answers,
)
from fgkeras.evaluation.wilson_interval import wilson_interval

_LEVEL = 0.95


def accuracy_specificity_curve(labels, probabilities, hierarchy, bounds=None):
    """Measures hierarchical answers at a row of bounds.

    Use it to show what a bound costs: with a higher one more answers are right
    and fewer name a class. An answer is right where the true class is below
    it. The root is right of every image and tells nothing, so `accuracy`, as
    in the literature, goes to 1; `accuracy_answered` leaves it out. What an
    answer tells, of the bits that the name of a class tells:

        information = 1 - log2(classes below it) / log2(classes)

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, each
            row adding up to 1.
        hierarchy: The `Hierarchy` of the classes.
        bounds: Sequence of floats from 0 to 1, or `None` for 0, 0.5 to 0.95
            in steps of 0.05, 0.98 and 0.99. Defaults to `None`.

    Returns:
        List of dicts, one per bound: `bound`; `accuracy`: `{"value", "low",
        "high"}` with the 95 % Wilson score interval; `answered`, the share of
        images that get more than the root, and `accuracy_answered`, the share
        of those that is right, `None` without any; `information`, the mean;
        `levels`: dict of level to the share of images answered there.

    Raises:
        ValueError: As `hierarchical_answers`, and for labels that are no
            classes.

    Example:

    >>> from fgkeras.evaluation import Hierarchy
    >>> birds = Hierarchy(
    ...     ["crow", "jay", "duck"], {"family": ["corvid", "corvid", "duck"]})
    >>> p = [[0.9, 0.0, 0.1], [0.5, 0.4, 0.1]]
    >>> curve = accuracy_specificity_curve([0, 1], p, birds, [0, 0.8])
    >>> [row["accuracy"]["value"] for row in curve]
    [0.5, 1.0]
    >>> curve[1]["levels"]
    {'class': 0.5, 'family': 0.5, 'root': 0.0}

    Reference:
        Deng et al., "Hedging Your Bets: Optimizing Accuracy-Specificity
        Trade-offs in Large Scale Visual Recognition", CVPR 2012.
    """
    if bounds is None:
        bounds = [0.0, *np.arange(50, 100, 5) / 100, 0.98, 0.99]
    return [
        _row(
            labels,
            hierarchical_answers(probabilities, hierarchy, bound),
            float(bound),
        )
        for bound in bounds
    ]


def _row(labels, answers, bound):
    right = answers.right(labels)
    low, high = wilson_interval(right.sum(), len(right), level=_LEVEL)
    levels = answers.hierarchy.levels
    named = answers.level < len(levels) - 1
    return {
        "bound": bound,
        "accuracy": {
            "value": float(right.mean()),
            "low": float(low),
            "high": float(high),
        },
        "answered": float(named.mean()),
        "accuracy_answered": float(right[named].mean())
        if named.any()
        else None,
        "information": float(answers.information().mean()),
        "levels": {
            name: float((answers.level == place).mean())
            for place, name in enumerate(levels)
        },
    }
