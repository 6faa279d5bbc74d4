"""Whether the nearest images of another class are nearer than the own ones."""

import numpy as np

from fgkeras.suspects.checked import class_ids
from fgkeras.suspects.checked import unit_rows

_BLOCK_VALUES = 2**25  # float32 cosines held at a time: 128 MB


def neighbor_margins(features, labels, *, count=5, progress=None):
    """Measures how much nearer the nearest other class is than the own one.

        margin_i = max_c s_i(c) - s_i(own)
        s_i(c) = mean cosine of image i to the m nearest images of class c
        m = min(count, images of the own class besides i)

    Above 0 the neighbours speak for another class. An image whose class has no
    other one cannot be judged.

    Args:
        features: Float array of shape `(num_images, dim)`, finite; lengths do
            not matter.
        labels: Integer array of shape `(num_images,)`, at least 0.
        count: Int at least 1, neighbours in each class. Defaults to `5`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Tuple `(margins, nearest)`: `float64 (num_images,)`, NaN where an image
        cannot be judged, and `int64 (num_images,)`, the nearest image of the
        class that the margin is about, -1 there.

    Raises:
        ValueError: For arrays that do not fit, fewer than two classes, or a
            `count` below 1.

    Example:

    >>> x = [[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0], [0.0, 1.0]]
    >>> margins, nearest = neighbor_margins(x, [0, 0, 1, 1, 0])
    >>> margins.round(2).tolist(), nearest.tolist()
    ([-0.45, -0.4, 0.0, 0.0, 0.95], [3, 3, 4, 4, 2])
    """
    x = unit_rows(features)
    ids, num_classes = class_ids(labels, len(x))
    if num_classes < 2 or count < 1:
        raise ValueError(
            "Margins need two classes and a neighbour in each. Received: "
            f"{num_classes} classes, count={count}."
        )
    # Images of a class stand together, so that its columns are one slice.
    order = np.argsort(ids, kind="stable")
    gallery = x[order]
    sizes = np.bincount(ids)
    ends = np.cumsum(sizes)
    place = np.empty(len(x), np.int64)
    place[order] = np.arange(len(x))
    margins = np.full(len(x), np.nan)
    nearest = np.full(len(x), -1, np.int64)
    step = max(1, min(2048, _BLOCK_VALUES // len(x)))
    for start in range(0, len(x), step):
        rows = np.arange(start, min(start + step, len(x)))
        alike = x[rows] @ gallery.T
        alike[np.arange(len(rows)), place[rows]] = -np.inf
        own, depth = ids[rows], np.minimum(count, sizes[ids[rows]] - 1)
        means = np.empty((len(rows), num_classes))
        for c in range(num_classes):
            block = alike[:, ends[c] - sizes[c] : ends[c]]
            means[:, c] = _mean_of_nearest(block, depth, count)
        at = np.arange(len(rows))
        held = means[at, own]
        means[at, own] = -np.inf
        other = means.argmax(axis=1)
        known = depth > 0
        margins[rows[known]] = (means[at, other] - held)[known]
        for i in at[known]:
            c = other[i]
            first = ends[c] - sizes[c]
            nearest[rows[i]] = order[first + alike[i, first : ends[c]].argmax()]
        if progress:
            progress(int(rows[-1]) + 1, len(x))
    return margins, nearest


def _mean_of_nearest(block, depth, count):
    """Mean of the `depth` largest of each row, of fewer where there are."""
    kept = min(count, block.shape[1])
    if kept < block.shape[1]:
        block = -np.partition(-block, kept - 1, axis=1)[:, :kept]
    best = -np.sort(-block, axis=1).astype(np.float64)
    # The image itself, which stands last.
    there = np.isfinite(best)
    sums = np.cumsum(np.where(there, best, 0.0), axis=1)
    used = np.clip(np.minimum(depth, there.sum(axis=1)), 1, None)
    return sums[np.arange(len(sums)), used - 1] / used
