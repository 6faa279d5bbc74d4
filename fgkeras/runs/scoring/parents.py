"""The finest name that a model is sure enough of: a species, or its genus."""

import numpy as np

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
        self._bound = bound

    def answer(self, scores):
        """Returns the answer of one picture, a dict ready for JSON.

        Args:
            scores: Float array of shape `(num_classes,)`, calibrated; those of
                sigmoids are divided by their sum.
        """
        scores = np.asarray(scores, "float64")[None]
        total = scores.sum()
        if total <= 0:
            scores, total = np.ones_like(scores), scores.size
        found = hierarchical_answers(
            scores / total, self._hierarchy, self._bound
        )
        return {
            "name": found.names()[0],
            "level": found.level_names()[0],
            "probability": float(found.probability[0]),
        }


def parents_of(predictor, bound, levels=None):
    """Returns the `Parents` of what is asked, which must be calibrated.

    Args:
        predictor: `fgkeras.runs.predictor.Predictor`, or what is asked like
            it: `class_names`, `hierarchy`, `calibrated` and `path`.
        bound: Float from 0 to 1.
        levels: As `Parents` takes them.

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
    return found
