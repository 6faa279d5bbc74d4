"""RS: mean distance to the own class over that to the nearest other class."""

import numpy as np

from fgkeras.granularity.granularity import granularity_of
from fgkeras.granularity.medoids import checked
from fgkeras.granularity.rankm import own_and_rival
from fgkeras.granularity.rsm import ratio


def rs(values, labels, *, metric="unit_euclidean"):
    """Revised silhouette, exact, over all pairs of images.

        RS = mean_i a_i / b_i
        a_i = mean distance to the other images of its class
        b_i = smallest mean distance to the images of another class

    Use it where the axioms must hold without a choice of medoids. Costs all
    `num_images^2` distances, in blocks.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`. The only
            image of its class has a = 0.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.

    Returns:
        `Granularity`, without medoids.

    Raises:
        ValueError: for fewer than two classes, an image at mean distance 0
            from another class, and what `Distances` refuses.

    Example:

    >>> x = [[0.0], [2.0], [1.0], [3.0]]
    >>> rs(x, [0, 0, 1, 1], metric="euclidean").value
    1.5

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, section 6.2.
        Rousseeuw, "Silhouettes", 1987.
    """
    distances, classes = checked(values, labels, metric)
    own = np.empty(len(classes))
    nearest = np.empty(len(classes))
    rivals = np.empty(len(classes), np.int64)
    for rows in distances.row_blocks(len(classes)):
        images = np.arange(rows.start, rows.stop)
        ids = classes.ids[rows]
        # Columns grouped by class: one sum per class and row.
        block = distances.block(images, classes.order)
        totals = np.add.reduceat(block, classes.starts, axis=1)
        others = np.maximum(classes.counts[ids] - 1, 1)
        own[rows] = totals[np.arange(len(ids)), ids] / others
        totals /= classes.counts
        _, rivals[rows] = own_and_rival(totals, ids)
        nearest[rows] = totals.min(axis=1)
    return granularity_of("RS", ratio("RS", own, nearest), classes, rivals)
