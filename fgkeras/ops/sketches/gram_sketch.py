"""The pooled sketch of order 2 straight from the Gram matrix."""

from keras import ops

from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketches.open_batch import is_open_batch
from fgkeras.ops.sketches.sketch_transform import sketch_transform


def gram_sketch(x, buckets, signs, sketch_dim, *, transform="fourier"):
    """Returns the mean tensor sketch of order 2, without any transform.

    The sketch of an outer product is linear in it, so the mean sketch is the
    sketch of the mean outer product: `channels**2` numbers per image, of which
    each goes to one bucket. The gradient is written by hand, since G is
    symmetric: one product in place of two.

        y_k = sum of s_i s'_j G_ij over h_i + h'_j = k,   G = mean x_l x_l'
        dL/dx_l = (D + D') x_l / locations,   D_ij = s_i s'_j dL/dy_(h_i + h'_j)

    Use it where `channels**2` numbers per image are cheap; else
    `pooled_tensor_sketches` gives the same.

    Args:
        x: Float tensor of shape `(batch, locations, channels)`.
        buckets: Integer tensor of shape `(2, channels)`.
        signs: Tensor of shape `(2, channels)` of -1 and +1.
        sketch_dim: Int.
        transform: `"fourier"` or `"fft"`, which are the same here, or
            `"hadamard"`: the group in which buckets are added. Defaults to
            `"fourier"`.

    Returns:
        Tensor of shape `(batch, sketch_dim)`, float32 or float64.

    Example:
    >>> from fgkeras.ops.sketches.count_sketch import hash_tables
    >>> buckets, signs = hash_tables(2, 5, 16)
    >>> tuple(gram_sketch(np.ones((2, 9, 5)), buckets, signs, 16).shape)
    (2, 16)
    """
    group = sketch_transform(transform, sketch_dim)
    x = full_precision(x)
    buckets = ops.cast(buckets, "int32")
    signs = ops.cast(signs, "int32")
    batch, locations, channels = ops.shape(x)
    scale = 1 / ops.cast(locations, x.dtype)
    place = group.add_buckets(buckets[0][:, None], buckets[1][None, :])
    # What is subtracted has buckets of its own, behind the others.
    minus = ops.cast(signs[0][:, None] != signs[1][None, :], "int32")
    place = ops.reshape(place + sketch_dim * minus, (-1,))

    def sketch(x):
        gram = ops.matmul(ops.transpose(x, (0, 2, 1)), x * scale)
        rows = ops.transpose(ops.reshape(gram, (batch, channels * channels)))
        y = ops.segment_sum(rows, place, 2 * sketch_dim)
        return ops.transpose(y[:sketch_dim] - y[sketch_dim:])

    def sketch_and_gradient(x):
        def gradient(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            y = ops.transpose(upstream * scale)
            rows = ops.take(ops.concatenate([y, -y]), place, axis=0)
            d = ops.reshape(ops.transpose(rows), (batch, channels, channels))
            return ops.matmul(x, d + ops.transpose(d, (0, 2, 1)))

        return sketch(x), gradient

    if is_open_batch():
        return sketch(x)
    return ops.custom_gradient(sketch_and_gradient)(x)
