"""An order in which like stands beside like."""

import numpy as np
from scipy.cluster.hierarchy import linkage

_LARGEST = 10_000
_DIMENSIONS = 64


def embedding_order(embeddings):
    """Orders vectors so that neighbours in the order are alike.

    Use it for a page of pictures of one class: what is alike is decided on
    together, and the odd one stands out. Vectors are taken by their direction,
    on their first 64 principal components. They are joined to a tree by Ward's
    rule, whose every branch stands together; two branches that are joined are
    turned so that of their four ends the nearest two meet.

    Args:
        embeddings: Float array of shape `(num_images, dim)`, of at most 10,000
            images.

    Returns:
        `int64 (num_images,)`, positions in order.

    Raises:
        ValueError: For another shape, NaN, infinity, or more images.

    Example:

    >>> embedding_order([[1, 0], [0, 1], [1, 0.1], [0.1, 1]]).tolist()
    [0, 2, 3, 1]

    Reference:
        Gruvaeus and Wainer, "Two Additions to Hierarchical Cluster Analysis",
        British Journal of Mathematical and Statistical Psychology 1972.
    """
    vectors = np.asarray(embeddings)
    if (
        vectors.ndim != 2
        or vectors.dtype.kind not in "fiu"
        or not np.isfinite(vectors).all()
    ):
        raise ValueError(
            "embeddings must be a finite matrix of one row per image. "
            f"Received: embeddings.shape={vectors.shape}, dtype="
            f"{vectors.dtype}. Look for NaN or overflow in them."
        )
    if len(vectors) > _LARGEST:
        raise ValueError(
            f"At most {_LARGEST} images are ordered at once. Received: "
            f"embeddings.shape={vectors.shape}. Order each class by itself."
        )
    if len(vectors) < 3:
        return np.arange(len(vectors))
    points = _components(vectors.astype(np.float64))
    branches = {i: [i] for i in range(len(points))}
    for step, row in enumerate(linkage(points, "ward")):
        first, second = (branches.pop(int(child)) for child in row[:2])
        branches[len(points) + step] = _joined(points, first, second)
    (order,) = branches.values()
    # One of two directions: that which starts with the smaller position.
    return np.array(order if order[0] < order[-1] else order[::-1])


def _joined(points, first, second):
    """Two branches, turned so that their nearest ends meet."""
    gaps = {
        (i, j): np.sum((points[first[i]] - points[second[j]]) ** 2)
        for i in (-1, 0)
        for j in (0, -1)
    }
    i, j = min(gaps, key=gaps.__getitem__)
    left = first if i == -1 else first[::-1]
    right = second if j == 0 else second[::-1]
    return left + right


def _components(vectors):
    """Directions on their first principal components."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    units = vectors / np.where(largest > 0, largest, 1)
    length = np.linalg.norm(units, axis=1, keepdims=True)
    units = units / np.where(length > 0, length, 1)
    units = units - units.mean(axis=0)
    if units.shape[1] <= _DIMENSIONS:
        return units
    _, axes = np.linalg.eigh(units.T @ units)
    return units @ axes[:, -_DIMENSIONS:]
