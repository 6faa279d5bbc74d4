"""Full precision: float32, or float64 where Keras or the input works in it."""

import keras
from keras import ops

FULL_PRECISION = ("float32", "float64")


def full_precision(x):
    """Returns `x` as a tensor of float32, or of float64 if it already is.

    Use it at the entrance of sums of squares and of logarithms: float16 ends
    at 65504, bfloat16 keeps three digits.

    Args:
        x: Tensor or array of any numeric type.

    Returns:
        Tensor shaped like `x`.

    Example:
    >>> full_precision(ops.ones((2,), "bfloat16")).dtype == ops.ones(()).dtype
    True
    """
    x = ops.convert_to_tensor(x)
    dtype = keras.backend.standardize_dtype(x.dtype)
    return x if dtype in FULL_PRECISION else ops.cast(x, "float32")


def default_precision():
    """Returns "float64" if that is Keras' `floatx`, and "float32" if not.

    The dtype of a loss through which labels pass: half precision would merge
    neighbouring ones.
    """
    return "float64" if keras.config.floatx() == "float64" else "float32"
