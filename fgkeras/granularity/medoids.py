"""The medoid of each class: the member nearest to all others."""

import numpy as np

from fgkeras.granularity.class_labels import ClassLabels
from fgkeras.granularity.class_labels import class_labels
from fgkeras.granularity.distances import Distances


def class_medoids(values, labels, *, metric="unit_euclidean"):
    """Finds the medoid of each class.

        medoid(C) = argmin_{x in C} sum_{x' in C} d(x, x')

    Of several best members the first in the order of the images is taken; in
    a class of two that is its first image. Costs `sum_C |C|^2` distances.

    Args:
        values: Features or a matrix of distances; see `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: String; see `Distances`. Defaults to `"unit_euclidean"`.

    Returns:
        `int64` array of shape `(num_classes,)`, images, in the order of the
        sorted labels.

    Raises:
        ValueError: for what `Distances` and `class_labels` refuse.

    Example:

    >>> x = [[0.0], [1.0], [5.0], [9.0]]
    >>> class_medoids(x, ["a", "a", "a", "b"], metric="euclidean").tolist()
    [1, 3]

    References:
        Kaufman and Rousseeuw, "Finding Groups in Data", 1990.
    """
    return medoids_of(*checked(values, labels, metric, min_classes=1))


def checked(values, labels, metric, min_classes=2):
    """Returns `Distances` and `ClassLabels` of the same images."""
    distances = (
        values if isinstance(values, Distances) else Distances(values, metric)
    )
    classes = (
        labels
        if isinstance(labels, ClassLabels)
        else class_labels(labels, min_classes=min_classes)
    )
    if len(distances) != len(classes):
        raise ValueError(
            "There must be one label per image. Received: "
            f"{len(distances)} images and {len(classes)} labels."
        )
    return distances, classes


def medoids_of(distances, classes):
    """Returns the medoids; see `class_medoids`."""
    out = np.empty(classes.num_classes, np.int64)
    for class_id in range(classes.num_classes):
        members = classes.members(class_id)
        totals = np.empty(len(members))
        for rows in _parts(distances, len(members)):
            block = distances.block(members[rows], members)
            totals[rows] = block.sum(axis=1)
        best = totals <= totals.min() * (1 + distances.tolerance)
        out[class_id] = members[np.argmax(best)]
    return out


def checked_medoids(medoids, distances, classes):
    """Returns given medoids after a check, or finds them for `None`."""
    if medoids is None:
        return medoids_of(distances, classes)
    medoids = np.asarray(medoids)
    if (
        medoids.shape != (classes.num_classes,)
        or medoids.dtype.kind not in "iu"
    ):
        raise ValueError(
            "medoids must be one image number per class, in the order of the "
            f"sorted labels. Received: shape={medoids.shape}, "
            f"dtype={medoids.dtype} for {classes.num_classes} classes."
        )
    outside = (medoids < 0) | (medoids >= len(classes))
    own = classes.ids[np.where(outside, 0, medoids)]
    wrong = np.flatnonzero(outside | (own != np.arange(classes.num_classes)))
    if wrong.size:
        raise ValueError(
            "Each medoid must be an image of its own class. Received: "
            f"medoids[{wrong[0]}]={medoids[wrong[0]]} for class "
            f"{classes.names[wrong[0]].item()!r} (and {wrong.size - 1} more)."
        )
    return medoids.astype(np.int64)


def _parts(distances, count):
    """Yields slices of one class whose distances to it fit."""
    for rows in distances.row_blocks(count):
        if rows.start >= count:
            return
        yield slice(rows.start, min(rows.stop, count))
