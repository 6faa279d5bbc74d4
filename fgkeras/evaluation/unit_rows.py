"""Vectors of unit length."""

import numpy as np


def unit_rows(rows):
    """Returns rows divided by their length; a row of zeros stays what it is.

    Args:
        rows: Float array of shape `(n, dim)`.

    Returns:
        Array of the same shape and type.

    Example:

    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(length, 1e-12)
