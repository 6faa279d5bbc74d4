"""The signed square root, whose gradient is finite at 0."""

from keras import ops

from fgkeras.ops.precision import full_precision


def signed_square_root(x, *, smoothing=1e-8):
    """Returns the square root of the size of `x`, with the sign of `x`.

        y = x / sqrt(|x| + smoothing)

    which is `sign(x) sqrt(|x|)` away from 0, and `x / sqrt(smoothing)` at 0,
    where the exact root has an infinite slope.

    Args:
        x: Float tensor.
        smoothing: Float above 0, in units of `x`. The slope nowhere exceeds
            `1 / sqrt(smoothing)`. Defaults to `1e-8`.

    Returns:
        Tensor shaped like `x`, float32 or float64.

    Example:
    >>> y = signed_square_root(ops.array([-4.0, 0.0, 9.0]))
    >>> [round(float(v), 4) for v in y]
    [-2.0, 0.0, 3.0]
    """
    x = full_precision(x)
    return x * ops.rsqrt(ops.abs(x) + smoothing)
