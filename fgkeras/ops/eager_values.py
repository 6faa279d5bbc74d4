"""The numbers in a tensor, where there are any yet."""

import keras
import numpy as np


def eager_values(x):
    """Returns `x` as a NumPy array, or `None` for a symbolic tensor.

    Checks of values look at this: they run where a mistake can still raise,
    and cost nothing inside of a compiled graph, which has no values to look at
    while it is traced.

    Args:
        x: Tensor of any backend, `KerasTensor`, array or nested list.

    Returns:
        NumPy array or `None`.

    Example:
    >>> eager_values(keras.ops.ones((2,))).tolist()
    [1.0, 1.0]
    >>> eager_values(keras.KerasTensor((2,))) is None
    True
    """
    if isinstance(x, np.ndarray):
        return x
    if isinstance(x, keras.KerasTensor):
        return None
    try:
        return np.asarray(keras.ops.convert_to_numpy(x))
    except (NotImplementedError, TypeError):
        # What TensorFlow and JAX raise for a tensor that is being traced.
        return None
