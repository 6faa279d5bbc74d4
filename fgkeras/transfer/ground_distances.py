"""Euclidean distances between two sets of points, exact where they are 0."""

import numpy as np

# Below this share of the squared norms the fast form has lost its digits.
_NEAR = 1e-6


def ground_distances(x, y):
    """Euclidean distances of all pairs, in float64.

    Use it as the cost of moving one class onto another.

        d(x, y)^2 = |x|^2 + |y|^2 - 2 x.y

    after both are moved so that their common mean is 0. The few pairs whose
    distance is small against their norms, where this form would cancel, are
    computed again from the difference.

    Args:
        x: Float array of shape `(m, dim)`.
        y: Float array of shape `(n, dim)`.

    Returns:
        `float64` array of shape `(m, n)`.

    Raises:
        ValueError: if the dimensions differ.

    Example:

    >>> ground_distances([[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[5.0, 0.0]]
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "Both sets must be matrices of the same number of columns. "
            f"Received: x.shape={x.shape}, y.shape={y.shape}. Take the "
            "features of both from the same network."
        )
    center = (x.mean(axis=0) + y.mean(axis=0)) / 2
    x, y = x - center, y - center
    x_norms = np.einsum("ij,ij->i", x, x)
    y_norms = np.einsum("ij,ij->i", y, y)
    squared = x @ y.T
    squared *= -2.0
    squared += x_norms[:, None]
    squared += y_norms
    near = squared <= _NEAR * (x_norms[:, None] + y_norms)
    for i in np.flatnonzero(near.any(axis=1)):
        difference = y[near[i]] - x[i]
        squared[i, near[i]] = np.einsum("ij,ij->i", difference, difference)
    return np.sqrt(squared, out=squared)
