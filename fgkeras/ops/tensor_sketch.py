"""Count sketch and tensor sketch: random maps that keep inner products."""

import numpy as np
from keras import ops

from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketch_transform import sketch_transform


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


def tensor_sketch(x, buckets, signs, sketch_dim, *, transform="fourier"):
    """Sketches the `order`-fold outer product of `x` with itself.

    Use it on single vectors, as in the tests; `pooled_tensor_sketches` gives
    the mean over many without a sketch of each.

        E[<y(x), y(z)>] = <x, z>**order

    Args:
        x: Float tensor of shape `(..., channels)`.
        buckets: Integer tensor of shape `(order, channels)`.
        signs: Tensor of shape `(order, channels)` of -1 and +1.
        sketch_dim: Int, the length of the sketch.
        transform: `"fourier"` or `"hadamard"`, see `sketch_transform`.
            Defaults to `"fourier"`.

    Returns:
        Tensor of shape `(..., sketch_dim)`, float32 or float64.

    Raises:
        ValueError: If `sketch_dim` does not fit the transform.

    Example:
    >>> buckets, signs = hash_tables(2, 3, 8)
    >>> tuple(tensor_sketch(np.ones((5, 3)), buckets, signs, 8).shape)
    (5, 8)

    Reference:

    - [Pham & Pagh, 2013](https://doi.org/10.1145/2487575.2487591).
    """
    group = sketch_transform(transform, sketch_dim)
    x = full_precision(x)
    shape = ops.shape(x)
    columns = ops.transpose(ops.reshape(x, (-1, shape[-1])))
    spectrum = None
    for t in range(len(buckets)):
        factor = group.forward(
            sketch_columns(columns, buckets[t], signs[t], sketch_dim)
        )
        spectrum = factor if t == 0 else group.multiply(spectrum, factor)
    y = ops.transpose(group.adjoint(group.weigh(spectrum)))
    return ops.reshape(y, (*shape[:-1], sketch_dim))
