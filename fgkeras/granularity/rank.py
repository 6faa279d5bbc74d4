"""Rank: one minus the average precision of retrieving one's own class."""

import numpy as np

from fgkeras.granularity.granularity import granularity_of
from fgkeras.granularity.medoids import checked
from fgkeras.granularity.rankm import is_optimistic


def rank(values, labels, *, metric="unit_euclidean", ties="pessimistic"):
    """Ranking, exact, over all pairs of images.

        Rank = n / (n - 1) * mean_i (1 - AP_i)
        AP_i = 1 / |R_i| * sum_j j / R_ij

    `R_ij` is the rank of the j-th nearest image of the own class among all
    `n - 1` others. Use it where the set will serve for retrieval, or where the
    axioms must hold without a choice of medoids. Its largest value is
    `1 - 1 / (n - 1)^2`. Costs all `num_images^2` distances, in blocks.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`. The only
            image of its class has nothing to miss: AP = 1.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.
        ties: `"pessimistic"` puts images of other classes before equally
            distant ones of the own class, `"optimistic"` after them. Defaults
            to `"pessimistic"`.

    Returns:
        `Granularity`, without medoids; the rival is the class of the nearest
        image of another class.

    Raises:
        ValueError: for fewer than two classes, and what `Distances` refuses.

    Example:

    >>> x = [[0.0], [2.0], [1.0], [3.0]]
    >>> round(rank(x, [0, 0, 1, 1], metric="euclidean").value, 6)  # 7/9
    0.777778

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, eq. 6.4; the factor 1 / |R_i|, without which the value leaves
        [0, 1], is missing there.
    """
    distances, classes = checked(values, labels, metric)
    slack = distances.tolerance
    side = "left" if is_optimistic(ties) else "right"
    factor = 1 + (-slack if side == "left" else slack)
    precision = np.ones(len(classes))
    rivals = np.empty(len(classes), np.int64)
    for rows in distances.row_blocks(len(classes)):
        images = np.arange(rows.start, rows.stop)
        block = distances.block(images, classes.order)
        for line, image in zip(block, images, strict=True):
            own_id = classes.ids[image]
            start = classes.starts[own_id]
            stop = start + classes.counts[own_id]
            members = classes.order[start:stop] != image
            own = np.sort(line[start:stop][members])
            line[start:stop] = np.inf
            rivals[image] = classes.ids[classes.order[line.argmin()]]
            if own.size:
                before = _count_below(line, own * factor, side)
                place = np.arange(1, own.size + 1)
                precision[image] = (place / (place + before)).mean()
    n = len(classes)
    scores = n / (n - 1) * (1 - precision)
    return granularity_of("Rank", scores, classes, rivals)


def _count_below(values, limits, side):
    """Returns how many values lie below each of the sorted limits."""
    near = values[values <= limits[-1]]
    near.sort()
    return np.searchsorted(near, limits, side=side)
