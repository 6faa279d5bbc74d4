"""RankM: how many other classes' medoids are nearer than the own one."""

import numpy as np

from fgkeras.granularity.granularity import granularity_of
from fgkeras.granularity.medoids import checked
from fgkeras.granularity.medoids import checked_medoids


def rankm(
    values,
    labels,
    *,
    metric="unit_euclidean",
    medoids=None,
    ties="pessimistic",
):
    """Ranking with medoids, the index to use unless there is a reason not to.

        RankM = k / (k - 1) * mean_i (1 - 1 / R_i)
        R_i = number of classes c with d(x_i, m_c) <= d(x_i, m_own)

    0 where every image is nearest to the medoid of its class, 1 where for each
    image every other medoid is at least as near. It is quick, needs no
    parameter, and depends on the order of distances alone. On frozen features
    it tracks the error of a linear classifier. A medoid has R = 1 unless that
    of another class coincides with it; so has the image of a class of one.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.
        medoids: `None` to find them, or one image per class in the order of
            the sorted labels. Held fixed, they make the index consistent: it
            cannot rise when classes draw together and apart from each other
            (see `medoid_counter_example`).
        ties: `"pessimistic"` counts an equally near medoid as nearer than the
            own one, `"optimistic"` as farther. Neither depends on the order of
            the classes. Defaults to `"pessimistic"`.

    Returns:
        `Granularity`.

    Raises:
        ValueError: for fewer than two classes, medoids outside their class,
            and what `Distances` refuses.

    Example:

    >>> x = [[0.0], [2.0], [4.0], [1.0], [3.0], [5.0]]
    >>> round(rankm(x, [0, 0, 0, 1, 1, 1], metric="euclidean").value, 4)
    0.3333

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, eq. 6.5. Medoids and ties are not defined there.
    """
    distances, classes = checked(values, labels, metric)
    optimistic = is_optimistic(ties)
    medoids = checked_medoids(medoids, distances, classes)
    slack = distances.tolerance * (-1 if optimistic else 1)
    ranks = np.empty(len(classes), np.int64)
    rivals = np.empty(len(classes), np.int64)
    for rows in distances.row_blocks(len(medoids)):
        images = np.arange(rows.start, rows.stop)
        block = distances.block(images, medoids)
        own, rivals[rows] = own_and_rival(block, classes.ids[rows])
        limit = (own * (1 + slack))[:, None]
        nearer = block < limit if optimistic else block <= limit
        ranks[rows] = nearer.sum(axis=1) + 1
    k = classes.num_classes
    scores = k / (k - 1) * (1 - 1 / ranks)
    return granularity_of("RankM", scores, classes, rivals, medoids)


def own_and_rival(block, own_ids):
    """Splits distances to the classes into the own one and the others.

    Overwrites the own distance in `block` with infinity.

    Args:
        block: `float64` array of shape `(num_images, num_classes)`.
        own_ids: Integer array of shape `(num_images,)`.

    Returns:
        Distance to the own class and the nearest other class, per image.
    """
    rows = np.arange(len(block))
    own = block[rows, own_ids]
    block[rows, own_ids] = np.inf
    return own, block.argmin(axis=1)


def is_optimistic(ties):
    """Returns whether equal distances count for the own class."""
    if ties not in ("pessimistic", "optimistic"):
        raise ValueError(
            "ties must be 'pessimistic' or 'optimistic'. Received: "
            f"ties={ties!r}."
        )
    return ties == "optimistic"
