"""The finest name that is sure enough: a species, its genus, or unknown."""

import dataclasses

import numpy as np

from fgkeras.evaluation.scored import check_labels
from fgkeras.evaluation.uncertainty.class_probabilities import (
    check_probabilities,
)

CLASS = "class"
ROOT = "root"
UNKNOWN = "unknown"


class Hierarchy:
    """Classes and what is above them, level by level up to one root.

    Use it with the parents of a run's classes. Each level must be made of
    whole groups of the level before it: make and body type of a car are not
    above each other, and each is a hierarchy of its own.

    Args:
        class_names: Sequence of strings, one per class.
        parents: Dict of a level's name to a sequence of strings, the parent of
            each class; one level or more, the finest first.

    Attributes:
        levels: Tuple of strings, `"class"`, those of `parents` and `"root"`.
        names: Tuple with a tuple of strings per level, its groups.
        group_of: Tuple with an integer array of shape `(num_classes,)` per
            level, the group of each class.

    Raises:
        ValueError: If there are no parents, not one for each class, one is
            empty, or a group is split among several of the level above.

    Example:

    >>> birds = Hierarchy(
    ...     ["crow", "jay", "duck"], {"family": ["corvid", "corvid", "duck"]})
    >>> birds.levels, birds.names[1]
    (('class', 'family', 'root'), ('corvid', 'duck'))
    """

    def __init__(self, class_names, parents):
        class_names = tuple(str(name) for name in class_names)
        if not class_names or not parents:
            raise ValueError(
                "A hierarchy needs classes and at least one level of parents. "
                f"Received: {len(class_names)} classes, parents="
                f"{list(parents)}. Write the parents into classes.csv, a "
                "column for each level."
            )
        taken = {CLASS, ROOT} & set(parents)
        if taken:
            raise ValueError(
                f"{CLASS!r} and {ROOT!r} are levels by themselves. Received: "
                f"parents with {sorted(taken)}. Call the column something else."
            )
        names, group_of = [class_names], [np.arange(len(class_names))]
        below = CLASS
        for level, column in parents.items():
            found, groups = _groups(level, column, len(class_names))
            _check_nested(below, level, names[-1], group_of[-1], found, groups)
            names.append(found)
            group_of.append(groups)
            below = level
        self.levels = (CLASS, *parents, ROOT)
        self.names = (*names, (UNKNOWN,))
        self.group_of = (*group_of, np.zeros(len(class_names), np.int64))

    @property
    def num_classes(self):
        """Int, number of classes."""
        return len(self.names[0])

    def probabilities(self, level, probabilities):
        """Returns the probability of each group of a level.

        Args:
            level: Int, place in `levels`.
            probabilities: Float array of shape `(num_images, num_classes)`.

        Returns:
            `float64` array of shape `(num_images, num_groups)`, sums over the
            classes of each group.
        """
        if level == 0:
            return np.asarray(probabilities, np.float64)
        # Group by group, each of which has a class.
        groups = self.group_of[level]
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        found = np.asarray(probabilities, np.float64)[:, order]
        return np.add.reduceat(found, starts, axis=1)

    def information(self, level):
        """Returns what the name of each group tells, between 0 and 1.

            1 - log2(classes below it) / log2(classes)

        of the bits that the name of a class tells.

        Args:
            level: Int, place in `levels`.

        Returns:
            `float64` array of shape `(num_groups,)`.
        """
        below = np.bincount(
            self.group_of[level], minlength=len(self.names[level])
        )
        return 1 - np.log2(below) / max(np.log2(self.num_classes), 1e-12)


@dataclasses.dataclass(frozen=True)
class HierarchicalAnswers:
    """What is answered of each image, all of shape `(num_images,)`.

    Attributes:
        hierarchy: The `Hierarchy`.
        level: `int64` array, place in `hierarchy.levels`, 0 for a class.
        group: `int64` array, place in `hierarchy.names[level]`.
        probability: `float64` array, of the answer; 1 of the root.

    Example:

    >>> birds = Hierarchy(["crow", "jay"], {"family": ["corvid", "corvid"]})
    >>> found = HierarchicalAnswers(
    ...     birds, np.array([1]), np.array([0]), np.array([0.9]))
    >>> found.names(), found.right([1]).tolist()
    (['corvid'], [True])
    """

    hierarchy: Hierarchy
    level: np.ndarray
    group: np.ndarray
    probability: np.ndarray

    def names(self):
        """Returns the answers as a list of strings, `"unknown"` of the root."""
        pairs = zip(self.level, self.group, strict=True)
        return [self.hierarchy.names[i][j] for i, j in pairs]

    def level_names(self):
        """Returns the level of each answer as a list of strings."""
        return [self.hierarchy.levels[i] for i in self.level]

    def right(self, labels):
        """Returns whether the true class is below the answer.

        The root is right of every image.

        Args:
            labels: Integer array of shape `(num_images,)`.

        Returns:
            Bool array of shape `(num_images,)`.

        Raises:
            ValueError: For labels that are no classes.
        """
        labels = check_labels(
            labels, len(self.level), self.hierarchy.num_classes
        )
        truth = np.stack(self.hierarchy.group_of)[self.level, labels]
        return truth == self.group

    def information(self):
        """Returns what each answer tells, between 0 (root) and 1 (a class)."""
        levels = range(len(self.hierarchy.levels))
        table = [self.hierarchy.information(i) for i in levels]
        pairs = zip(self.level, self.group, strict=True)
        return np.array([table[i][j] for i, j in pairs])


def hierarchical_answers(probabilities, hierarchy, bound):
    """Answers each image at the finest level that is sure enough.

    Use it with calibrated probabilities and parents of the classes: where the
    species is not sure, its genus may be. At each level the most probable
    group is looked at,

        P(group) = sum of p_c over the classes c below it

    from the classes up; the first whose probability reaches the bound is the
    answer. If none does it is the root, `"unknown"`. Above a bound of one half
    at most one group of a level reaches it, and a higher bound gives the same
    answer or one above it.

    Args:
        probabilities: Float array of shape `(num_images, num_classes)`, each
            row adding up to 1. Divide those of sigmoids by their sum.
        hierarchy: The `Hierarchy` of the classes.
        bound: Float from 0 to 1; with 0 it is the most probable class. A
            bound just above 1, as `fit_answer_bound` may find, is reached by
            none.

    Returns:
        `HierarchicalAnswers`. Of equal groups the first is taken.

    Raises:
        ValueError: For rows that are no probabilities of these classes, or a
            bound out of range.

    Example:

    >>> birds = Hierarchy(
    ...     ["crow", "jay", "duck"], {"family": ["corvid", "corvid", "duck"]})
    >>> p = [[0.9, 0.0, 0.1], [0.5, 0.4, 0.1], [0.4, 0.2, 0.4]]
    >>> hierarchical_answers(p, birds, 0.8).names()
    ['crow', 'corvid', 'unknown']

    Reference:
        Deng et al., "Hedging Your Bets: Optimizing Accuracy-Specificity
        Trade-offs in Large Scale Visual Recognition", CVPR 2012.
    """
    found = check_probabilities(probabilities, sum_to_one=True)
    if found.shape[1] != hierarchy.num_classes:
        raise ValueError(
            "probabilities must have a column per class of the hierarchy. "
            f"Received: {found.shape[1]} columns for {hierarchy.num_classes} "
            "classes. Use the classes of the same run."
        )
    if not 0 <= bound <= np.nextafter(1.0, 2.0):
        raise ValueError(
            "bound must lie between 0 and 1. Received: "
            f"bound={bound}. Usual is 0.9."
        )
    last = len(hierarchy.levels) - 1
    level = np.full(len(found), last)
    group = np.zeros(len(found), np.int64)
    probability = np.ones(len(found))
    open_rows = np.arange(len(found))
    for place in range(last):
        sums = hierarchy.probabilities(place, found[open_rows])
        best = sums.argmax(axis=1)
        most = sums[np.arange(len(sums)), best]
        reached = most >= bound
        rows = open_rows[reached]
        level[rows], group[rows] = place, best[reached]
        # Rounding of sums must not make a probability of more than one.
        probability[rows] = np.minimum(most[reached], 1.0)
        open_rows = open_rows[~reached]
    return HierarchicalAnswers(hierarchy, level, group, probability)


def _groups(level, column, num_classes):
    column = [str(name) for name in column]
    if len(column) != num_classes or not all(column):
        raise ValueError(
            "Every class needs a parent at each level. Received: "
            f"{sum(map(bool, column))} parents of {num_classes} classes at "
            f"level {level!r}. Fill in the column."
        )
    names = tuple(dict.fromkeys(column))
    place = {name: i for i, name in enumerate(names)}
    return names, np.array([place[name] for name in column], np.int64)


def _check_nested(below, level, names, lower, upper_names, upper):
    for group in range(len(names)):
        above = np.unique(upper[lower == group])
        if len(above) > 1:
            shown = [upper_names[i] for i in above[:3]]
            raise ValueError(
                f"Each {below} must lie in one {level}. Received: "
                f"{names[group]!r} in {shown}. Put the finest level first, or "
                "choose levels that are above each other."
            )
