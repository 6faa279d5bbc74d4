"""Distances and similarities between all pairs, with finite gradients."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.pair_masks import itself
from fgkeras.ops.precision import full_precision


def pairwise_squared_distances(x, y=None):
    """Returns the squared Euclidean distance of every row to every other.

        D[i, j] = ||x_i||^2 + ||y_j||^2 - 2 x_i . y_j

    one matrix product, memory O(n m). The product cancels: what is below
    `1e-6` of the squared norms (seen from the mean of `x`) holds no digit, and
    is returned as exactly 0 with gradient 0.

    Args:
        x: Float tensor of shape `(n, dim)`.
        y: `None` for `x` against itself, or float tensor of shape `(m, dim)`.

    Returns:
        Tensor of shape `(n, m)`, float32 or float64, at least 0; exactly 0 on
        the diagonal if `y` is `None`.

    Example:
    >>> x = np.array([[0.0, 0.0], [3.0, 4.0]], "float32")
    >>> np.asarray(pairwise_squared_distances(x)).tolist()
    [[0.0, 25.0], [25.0, 0.0]]
    """
    x = full_precision(x)
    # Distances do not depend on the origin, their digits do.
    origin = ops.stop_gradient(ops.mean(x, axis=0))
    z = x - origin
    w = z if y is None else ops.cast(full_precision(y), x.dtype) - origin
    norms = ops.sum(z * z, axis=-1)[:, None] + ops.sum(w * w, axis=-1)[None, :]
    squared = norms - 2.0 * ops.matmul(z, ops.transpose(w))
    spacing = np.finfo(keras.backend.standardize_dtype(x.dtype)).eps
    # NaN is neither below nor above, and stays.
    hidden = squared <= 8.0 * float(spacing) * ops.stop_gradient(norms)
    if y is None:
        hidden = ops.logical_or(hidden, itself(x))
    return ops.where(hidden, ops.zeros((), squared.dtype), squared)


def pairwise_distances(x, y=None):
    """Returns the Euclidean distance of every row to every other.

    The square root of `pairwise_squared_distances`; where it is 0 the gradient
    is 0 too, not infinite.

    Args:
        x: Float tensor of shape `(n, dim)`.
        y: `None` for `x` against itself, or float tensor of shape `(m, dim)`.

    Returns:
        Tensor of shape `(n, m)`, float32 or float64.

    Example:
    >>> x = np.array([[0.0, 0.0], [3.0, 4.0]], "float32")
    >>> np.asarray(pairwise_distances(x)).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    return safe_sqrt(pairwise_squared_distances(x, y))


def safe_sqrt(x):
    """Returns the square root of `x`, with gradient 0 where `x` is 0.

    Args:
        x: Float tensor of numbers at least 0, any shape.

    Returns:
        Tensor shaped like `x`.

    Example:

    >>> x = ops.convert_to_tensor([0.0, 4.0])
    >>> np.asarray(safe_sqrt(x)).tolist()
    [0.0, 2.0]
    """
    none = x <= 0
    root = ops.sqrt(ops.where(none, ops.ones((), x.dtype), x))
    return ops.where(none, ops.zeros((), x.dtype), root)


def pairwise_similarities(x, y=None):
    """Returns the dot product of every row with every other.

    Cosines, if the rows went through `unit_normalize`.

    Args:
        x: Float tensor of shape `(n, dim)`.
        y: `None` for `x` against itself, or float tensor of shape `(m, dim)`.

    Returns:
        Tensor of shape `(n, m)`, float32 or float64.

    Example:
    >>> x = np.array([[0.0, 2.0], [3.0, 4.0]], "float32")
    >>> np.asarray(pairwise_similarities(x)).tolist()
    [[4.0, 8.0], [8.0, 25.0]]
    """
    x = full_precision(x)
    y = x if y is None else ops.cast(full_precision(y), x.dtype)
    return ops.matmul(x, ops.transpose(y))


def unit_normalize(x, axis=-1):
    """Divides by the Euclidean norm; a zero vector stays 0, gradient 0.

    Args:
        x: Float tensor.
        axis: Int, the axis of which the norm becomes 1. Defaults to `-1`.

    Returns:
        Tensor shaped like `x`, float32 or float64.

    Example:
    >>> np.asarray(unit_normalize([[3.0, 4.0], [0.0, 0.0]])).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    x = full_precision(x)
    square = ops.sum(x * x, axis=axis, keepdims=True)
    none = square <= 0
    root = ops.sqrt(ops.where(none, ops.ones((), x.dtype), square))
    return ops.where(none, ops.zeros((), x.dtype), x / root)
