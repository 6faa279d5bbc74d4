"""Count sketch: a random map to signed buckets that keeps inner products."""

import numpy as np
from keras import ops

from fgkeras.ops.precision import full_precision


def hash_tables(order, channels, sketch_dim, seed=0):
    """Draws the buckets and signs of `order` independent count sketches.

    Args:
        order: Int at least 1.
        channels: Int at least 1.
        sketch_dim: Int at least 1.
        seed: Int. Defaults to `0`.

    Returns:
        Tuple of int32 arrays of shape `(order, channels)`: buckets in
        `[0, sketch_dim)`, and signs -1 or +1.

    Example:
    >>> buckets, signs = hash_tables(2, 5, 16)
    >>> buckets.shape, signs.shape
    ((2, 5), (2, 5))
    """
    rng = np.random.default_rng(seed)
    buckets = rng.integers(sketch_dim, size=(order, channels), dtype="int32")
    signs = rng.choice(np.array([-1, 1], "int32"), size=(order, channels))
    return buckets, signs


def count_sketch(x, buckets, signs, sketch_dim):
    """Projects the last axis of `x` onto `sketch_dim` signed buckets.

        y_k = sum of s_i x_i over the channels i with h_i = k

    Args:
        x: Float tensor of shape `(..., channels)`.
        buckets: Integer tensor of shape `(channels,)`, `h`.
        signs: Tensor of shape `(channels,)` of -1 and +1, `s`.
        sketch_dim: Int, the length of the sketch.

    Returns:
        Tensor of shape `(..., sketch_dim)`, float32 or float64, with
        `E[<y(x), y(z)>] = <x, z>` over the draw of the tables.

    Example:
    >>> y = count_sketch([[1.0, 2.0, 4.0]], [2, 0, 2], [1, -1, 1], 4)
    >>> np.asarray(y).tolist()
    [[-2.0, 0.0, 5.0, 0.0]]

    Reference:

    - [Charikar et al., 2002](https://doi.org/10.1007/3-540-45465-9_59).
    """
    x = full_precision(x)
    shape = ops.shape(x)
    rows = ops.reshape(x, (-1, shape[-1]))
    y = sketch_columns(ops.transpose(rows), buckets, signs, sketch_dim)
    return ops.reshape(ops.transpose(y), (*shape[:-1], sketch_dim))


def sketch_columns(x, buckets, signs, sketch_dim):
    """Count sketch of columns, `(channels, n)` to `(sketch_dim, n)`."""
    signs = ops.cast(signs, x.dtype)
    return ops.segment_sum(
        x * signs[:, None], ops.cast(buckets, "int32"), sketch_dim
    )
