"""Two classical indices over all pairs of images, exact and slow."""

import numpy as np

from fgkeras.granularity.medoids import checked


def baker_hubert_gamma(values, labels, *, metric="unit_euclidean"):
    """How surely a pair within a class is nearer than one across classes.

        Gamma = (s+ - s-) / (s+ + s-)

    `s+` counts the (pair within a class, pair across classes) of which the
    first is nearer, `s-` those of which the second is; equal distances count
    for neither. 1 is coarse, 0 chance, -1 the worst: `(1 - Gamma) / 2` runs
    like the granularity indices. Use it to check a quicker index on a small
    set. Costs `O(n^2 log n)` time; memory holds the distances within classes.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.

    Returns:
        Float in [-1, 1].

    Raises:
        ValueError: for fewer than two classes, no class of two images, or no
            two distances that differ.

    Example:

    >>> x = [[0.0], [1.0], [10.0], [11.0]]
    >>> baker_hubert_gamma(x, [0, 0, 1, 1], metric="euclidean")
    1.0

    References:
        Baker and Hubert, "Measuring the Power of Hierarchical Cluster
        Analysis", JASA 1975.
    """
    distances, classes = checked(values, labels, metric)
    within = np.sort(_within(distances, classes))
    nearer = farther = 0
    for across in _across_blocks(distances, classes):
        slack = across * distances.tolerance
        below = np.searchsorted(within, across - slack, side="left")
        not_above = np.searchsorted(within, across + slack, side="right")
        nearer += int(below.sum())
        farther += int((len(within) - not_above).sum())
    if nearer + farther == 0:
        raise ValueError(
            "Gamma compares distances that differ. Received: all distances "
            "equal."
        )
    return (nearer - farther) / (nearer + farther)


def c_index(values, labels, *, metric="unit_euclidean"):
    """Where the distances within classes lie between the best and the worst.

        C = (S - S_min) / (S_max - S_min)

    `S` is the sum of the distances of the `w` pairs within classes, `S_min`
    and `S_max` the sums of the `w` smallest and largest of all distances. 0 is
    coarse, 1 the worst. Use it to check a quicker index on a small set. Costs
    all `n^2 / 2` distances; memory holds three times those within classes.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.

    Returns:
        Float in [0, 1].

    Raises:
        ValueError: for fewer than two classes, no class of two images, or no
            two distances that differ.

    Example:

    >>> x = [[0.0], [2.0], [1.0], [3.0]]
    >>> round(c_index(x, [0, 0, 1, 1], metric="euclidean"), 4)  # (4-2)/(5-2)
    0.6667

    References:
        Hubert and Levin, "A general statistical framework for assessing
        categorical clustering in free recall", 1976.
    """
    distances, classes = checked(values, labels, metric)
    within = _within(distances, classes)
    smallest = largest = within
    for across in _across_blocks(distances, classes):
        smallest = _extreme(smallest, across, len(within), largest=False)
        largest = _extreme(largest, across, len(within), largest=True)
    low, high = smallest.sum(), largest.sum()
    if high <= low:
        raise ValueError(
            "The C index compares distances that differ. Received: all "
            "distances equal."
        )
    return float((within.sum() - low) / (high - low))


def _within(distances, classes):
    """Returns the distances of the pairs within classes."""
    parts = []
    for class_id in range(classes.num_classes):
        members = classes.members(class_id)
        upper = np.triu_indices(len(members), 1)
        parts.append(distances.block(members, members)[upper])
    within = np.concatenate(parts)
    if not within.size:
        raise ValueError(
            "Some class needs two images. Received: "
            f"{classes.num_classes} classes of one image each."
        )
    return within


def _across_blocks(distances, classes):
    """Yields the distances of the pairs across classes, each pair once."""
    ids = classes.ids
    for rows in distances.row_blocks(len(classes)):
        images = np.arange(rows.start, rows.stop)
        columns = np.arange(rows.start, len(classes))
        block = distances.block(images, columns)
        once = (columns > images[:, None]) & (ids[columns] != ids[rows, None])
        yield block[once]


def _extreme(kept, more, count, largest):
    values = np.concatenate([kept, more])
    if largest:
        return np.partition(values, len(values) - count)[-count:]
    return np.partition(values, count - 1)[:count]
