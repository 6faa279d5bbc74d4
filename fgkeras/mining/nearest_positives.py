"""Positives among the nearest of the class, over a whole set."""

import numpy as np

from fgkeras.mining.whole_set import whole_set
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import whole_labels

FRACTION = Number(above=0, most=1, hint="1 draws from the whole class.")
BLOCK = Number(least=1, whole=True)


def nearest_positives(
    labels, features, anchors, *, fraction=0.6, block=4096, rng=0
):
    """Draws for every anchor another image among the nearest of its class.

    Positives from the neighbourhood keep a class a manifold: far members are
    pulled together along a chain of near ones, not straight. `fraction=1` is
    ordinary random positives.

    Args:
        labels: Integer array of shape `(num_images,)`.
        features: Float array of shape `(num_images, dim)`.
        anchors: Integer array of image numbers, of classes with another image.
        fraction: Float in (0, 1]: of the `n_c - 1` other images of the class
            the nearest `ceil(fraction * (n_c - 1))` are drawn from. Defaults
            to `0.6`.
        block: Int at least 1; at most `block^2` distances are held at once.
            Defaults to `4096`.
        rng: NumPy generator, or its seed. Defaults to `0`.

    Returns:
        `int64` array shaped like `anchors`.

    Raises:
        ValueError: If `fraction` or `block` is out of range, an anchor is
            alone, a label is no whole number of at least 0, or there is not
            one row for each label.

    Example:
    >>> features = np.array([[0.0], [1.0], [5.0], [2.0]])
    >>> nearest_positives([7, 7, 7, 3], features, [0, 2], fraction=0.5).tolist()
    [1, 1]

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), section 3.3.
    """
    fraction = FRACTION.checked("fraction", fraction)
    block = BLOCK.checked("block", block)
    rng = np.random.default_rng(rng)
    labels = whole_labels(labels)
    features = whole_set(labels, features)
    anchors = np.asarray(anchors, "int64")
    order, starts, counts, rows = _grouped(labels)
    wanted = rows[anchors]
    alone = np.flatnonzero(counts[wanted] < 2)
    if len(alone):
        raise ValueError(
            "Every anchor needs another image of its class. Received: "
            f"{len(alone)} anchors without, such as {anchors[alone[0]]}."
        )
    place = np.empty(len(order), "int64")
    place[order] = np.arange(len(order)) - np.repeat(starts, counts)
    if fraction == 1.0:
        shift = rng.integers(1, counts[wanted])
        inside = (place[anchors] + shift) % counts[wanted]
        return order[starts[wanted] + inside]
    # One number per anchor, drawn first: blocks do not change the result.
    lots = rng.random(len(anchors))
    out = np.empty(len(anchors), "int64")
    by_class = np.argsort(wanted, kind="stable")
    cuts = np.flatnonzero(np.diff(wanted[by_class])) + 1
    for group in np.split(by_class, cuts) if len(anchors) else ():
        row = wanted[group[0]]
        members = order[starts[row] : starts[row] + counts[row]]
        keep = int(np.ceil(fraction * (counts[row] - 1) - 1e-9))
        step = max(block * block // len(members), 1)
        for i in range(0, len(group), step):
            part = group[i : i + step]
            near = _nearest(features, anchors[part], members, place, keep)
            pick = (lots[part] * keep).astype("int64")
            out[part] = members[near[np.arange(len(part)), pick]]
    return out


def _nearest(features, anchors, members, place, keep):
    """Places within `members` of the `keep` nearest of each anchor."""
    a, m = features[anchors], features[members]
    squared = np.square(m).sum(axis=1) - 2.0 * (a @ m.T)
    squared[np.arange(len(anchors)), place[anchors]] = np.inf
    return np.argsort(squared, axis=1, kind="stable")[:, :keep]


def _grouped(labels):
    _, rows, counts = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(rows, kind="stable")
    return order, np.cumsum(counts) - counts, counts, rows
