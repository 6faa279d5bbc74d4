"""Tensor sketch: a random map of outer products that keeps inner products."""

from keras import ops

from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketches.count_sketch import sketch_columns
from fgkeras.ops.sketches.sketch_transform import sketch_transform


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
        transform: `"fourier"`, `"fft"` or `"hadamard"`, see `sketch_transform`.
            Defaults to `"fourier"`.

    Returns:
        Tensor of shape `(..., sketch_dim)`, float32 or float64.

    Raises:
        ValueError: If `sketch_dim` does not fit the transform.

    Example:
    >>> from fgkeras.ops.sketches.count_sketch import hash_tables
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
    y = ops.transpose(group.back(group.weigh(spectrum)))
    return ops.reshape(y, (*shape[:-1], sketch_dim))
