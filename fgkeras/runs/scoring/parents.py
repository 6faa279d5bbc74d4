"""The finest name that a model is sure enough of: a species, or its genus."""

import copy

import numpy as np

from fgkeras.evaluation.uncertainty.answer_bound import fit_answer_bound
from fgkeras.evaluation.uncertainty.hierarchical_answers import Hierarchy
from fgkeras.evaluation.uncertainty.hierarchical_answers import (
    hierarchical_answers,
)


class Parents:
    """Answers at the finest level whose probability reaches a bound.

    Use it where parents of the classes are known: "a finch, not sure which"
    is worth more than a guess, see
    `fgkeras.evaluation.hierarchical_answers`.

    Args:
        class_names: Sequence of strings, in label order.
        hierarchy: Dict of a level's name to the parent of each class, as
            `classes.json` has it. The levels may come in any order.
        bound: Float from 0 to 1. Defaults to `0.9`.
        levels: Sequence of those levels that are used, or `None` (default) for
            all.

    Raises:
        ValueError: If there are no parents, a level is unknown or not above
            another, or the bound is out of range.

    Example:

    >>> birds = Parents(["crow", "jay"], {"family": ["corvid", "corvid"]})
    >>> birds.answer([0.5, 0.5])
    {'name': 'corvid', 'level': 'family', 'probability': 1.0}
    """

    def __init__(self, class_names, hierarchy, *, bound=0.9, levels=None):
        if not hierarchy:
            raise ValueError(
                "--parents needs parents of the classes. Received: a model "
                "that was trained without. Put a classes.csv beside the "
                "images, with a column `class` and one for each level above, "
                "and train again."
            )
        unknown = [name for name in levels or () if name not in hierarchy]
        if unknown:
            raise ValueError(
                "--levels are columns of classes.csv. Received: "
                f"{', '.join(unknown)}; the run has {', '.join(hierarchy)}."
            )
        if not 0 <= bound <= 1:
            raise ValueError(
                f"--bound lies between 0 and 1. Received: --bound {bound}. "
                "Usual is 0.9."
            )
        columns = {name: hierarchy[name] for name in levels or hierarchy}
        order = sorted(columns, key=lambda name: -len(set(columns[name])))
        try:
            found = {name: columns[name] for name in order}
            self._hierarchy = Hierarchy(class_names, found)
        except ValueError as error:
            raise ValueError(
                f"{error} On the command line, --levels {order[0]} takes one."
            ) from error
        self.bound = bound

    def fitted(self, labels, scores, accuracy):
        """Returns the same with the bound by which answers are right enough.

        See `fgkeras.evaluation.fit_answer_bound`, which says what it promises.

        Args:
            labels: Integer array of shape `(num_images,)`, of images that the
                model never saw.
            scores: Float array of shape `(num_images, num_classes)`.
            accuracy: Float in (0, 1), the wanted share of right answers.

        Raises:
            ValueError: If there are too few images for it.
        """
        found = fit_answer_bound(
            labels, _shares(scores), self._hierarchy, accuracy=accuracy
        )
        twin = copy.copy(self)
        # Just above 1 where nothing but the root is right often enough.
        twin.bound = found.bound
        return twin

    def answer(self, scores):
        """Returns the answer of one picture, a dict ready for JSON.

        Args:
            scores: Float array of shape `(num_classes,)`, calibrated; those of
                sigmoids are divided by their sum.
        """
        shares = _shares(np.asarray(scores)[None])
        found = hierarchical_answers(shares, self._hierarchy, self.bound)
        return {
            "name": found.names()[0],
            "level": found.level_names()[0],
            "probability": float(found.probability[0]),
        }


def _shares(scores):
    """Scores of which each row adds up to 1."""
    scores = np.asarray(scores, "float64")
    total = scores.sum(axis=1, keepdims=True)
    even = np.full_like(scores, 1 / scores.shape[1])
    return np.where(total > 0, scores / np.where(total > 0, total, 1), even)


def parents_of(predictor, bound, levels=None, accuracy=None):
    """Returns the `Parents` of what is asked, which must be calibrated.

    Args:
        predictor: `fgkeras.runs.predictor.Predictor`, or what is asked like
            it: `class_names`, `hierarchy`, `calibrated` and `path`.
        bound: Float from 0 to 1.
        levels: As `Parents` takes them.
        accuracy: Float in (0, 1), for the bound that makes this share of the
            answers right, by the calibration images of a run; `None` (default)
            for `bound`.

    Raises:
        ValueError: If its scores were not calibrated, or as `Parents`.
    """
    found = Parents(
        predictor.class_names, predictor.hierarchy, bound=bound, levels=levels
    )
    if not predictor.calibrated:
        raise ValueError(
            "--parents adds up calibrated scores. Received: "
            f"{predictor.path}, whose scores were not. Train with --set "
            "data.calibration_share=0.2, and predict with the center view."
        )
    if accuracy is None:
        return found
    trust = getattr(predictor, "trust", None)
    if trust is None:
        raise ValueError(
            "--accuracy is fitted to calibration images, which an export does "
            f"not hold. Received: --accuracy {accuracy}, {predictor.path}. "
            "Name the run instead, or take --bound."
        )
    labels, scores = trust.calibration_scores()
    return found.fitted(labels, scores, accuracy)
