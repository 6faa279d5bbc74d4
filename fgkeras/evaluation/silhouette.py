"""Silhouette: how much nearer the own group is than the next one."""

import numpy as np

from fgkeras.evaluation.similarity import check_embeddings
from fgkeras.evaluation.similarity import check_integers
from fgkeras.evaluation.similarity import slices

_BLOCK_VALUES = 2**24  # float64 distances held at a time: 128 MB


def silhouette(embeddings, groups, *, metric="cosine"):
    """Returns the silhouette of every image.

    Use it to see how compact and apart clusters, or classes, lie. With a the
    mean distance to the others of its group, and b the least mean distance to
    another group:

        s = (b - a) / max(a, b)

    It is 0 for the only image of a group, and where both are 0. Distances are
    Euclidean, with "cosine" between vectors of length 1. Blockwise, in float64.

    Args:
        embeddings: Float array of shape `(num_images, dim)`, finite.
        groups: Integer array of shape `(num_images,)` of at least two groups.
        metric: `"cosine"` or `"euclidean"`. Defaults to `"cosine"`.

    Returns:
        `float64` array of shape `(num_images,)`, values in [-1, 1]; its mean
        is the usual score.

    Raises:
        ValueError: for shapes that do not fit, NaN, or fewer than two groups.

    Example:

    >>> x = [[0.0], [1.0], [4.0]]
    >>> silhouette(x, [0, 0, 1], metric="euclidean").round(2)
    array([0.75, 0.67, 0.  ])

    Reference:
        Rousseeuw, "Silhouettes", 1987.
    """
    x = check_embeddings("embeddings", embeddings).astype(np.float64)
    groups = check_integers("groups", groups, len(x))
    index = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(index)
    if len(sizes) < 2:
        raise ValueError(
            "groups must be at least two. Received: "
            f"{len(sizes)} group of {len(x)} images. A silhouette compares "
            "with the next group."
        )
    if metric == "cosine":
        norm = np.sqrt(np.square(x).sum(axis=1, keepdims=True))
        x = x / np.where(norm > 0, norm, 1.0)
    elif metric != "euclidean":
        raise ValueError(
            'metric must be "cosine" or "euclidean". Received: '
            f"metric={metric!r}. Use the one of the embedding."
        )
    order = np.argsort(index, kind="stable")
    x, index = x[order] - x.mean(axis=0), index[order]
    starts = np.cumsum(sizes) - sizes
    squares = np.square(x).sum(axis=1)
    result = np.empty(len(x))
    for part in slices(len(x), max(1, _BLOCK_VALUES // len(x))):
        own = index[part]
        rows = np.arange(len(own))
        distance = x[part] @ x.T
        distance *= -2.0
        distance += squares
        distance += squares[part, None]
        np.maximum(distance, 0.0, out=distance)
        np.sqrt(distance, out=distance)
        sums = np.add.reduceat(distance, starts, axis=1)
        inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
        sums /= sizes
        sums[rows, own] = np.inf
        outside = sums.min(axis=1)
        largest = np.maximum(inside, outside)
        score = (outside - inside) / np.where(largest > 0, largest, 1.0)
        result[part] = np.where(sizes[own] > 1, score, 0.0)
    back = np.empty(len(x))
    back[order] = result
    return back
