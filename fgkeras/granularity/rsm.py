"""RSM: distance to the own medoid over that to the nearest other one."""

import numpy as np

from fgkeras.granularity.granularity import granularity_of
from fgkeras.granularity.medoids import checked
from fgkeras.granularity.medoids import checked_medoids
from fgkeras.granularity.rankm import own_and_rival


def rsm(values, labels, *, metric="unit_euclidean", medoids=None):
    """Revised silhouette with medoids.

        RSM = mean_i d(x_i, m_own) / min_{c != own} d(x_i, m_c)

    Use it where distances matter and not only their order. A medoid scores 0
    and stays in the mean. The value may exceed 1 and, near complete overlap
    of the classes, does not fall monotonically as they part.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.
        medoids: `None` to find them, or one image per class in the order of
            the sorted labels.

    Returns:
        `Granularity`.

    Raises:
        ValueError: for fewer than two classes, medoids outside their class,
            an image at distance 0 from another class's medoid, and what
            `Distances` refuses.

    Example:

    >>> x = [[0.0], [1.0], [10.0], [11.0]]
    >>> found = rsm(x, [0, 0, 1, 1], metric="euclidean")
    >>> round(found.value, 6)  # (1/9 + 1/11) / 4
    0.050505

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, section 6.2.
    """
    distances, classes = checked(values, labels, metric)
    medoids = checked_medoids(medoids, distances, classes)
    own = np.empty(len(classes))
    nearest = np.empty(len(classes))
    rivals = np.empty(len(classes), np.int64)
    for rows in distances.row_blocks(len(medoids)):
        images = np.arange(rows.start, rows.stop)
        block = distances.block(images, medoids)
        own[rows], rivals[rows] = own_and_rival(block, classes.ids[rows])
        nearest[rows] = block.min(axis=1)
    return granularity_of(
        "RSM", ratio("RSM", own, nearest), classes, rivals, medoids
    )


def ratio(index, own, nearest):
    """Returns `own / nearest`, or says which image makes it undefined."""
    zero = np.flatnonzero(nearest == 0.0)
    if zero.size:
        raise ValueError(
            f"{index} divides by the distance to the nearest other class. "
            f"Received: {zero.size} images at distance 0 from another class, "
            f"such as image {zero[0]}. Remove duplicates across classes, or "
            "use `rank` or `rankm`, which need only the order of distances."
        )
    return own / nearest
