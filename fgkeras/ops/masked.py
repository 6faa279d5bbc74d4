"""Reductions over chosen entries; an empty choice gives 0, never NaN.

All take `values` (float tensor), `mask` (boolean, same or broadcastable shape),
`axis` and `keepdims`. Where no entry of `axis` is chosen the value is 0 and so
is the gradient; entries that are not chosen get no gradient whatever they hold.
Sums and means also take `weights`, how often each entry counts: `None` for once
or a float tensor shaped like the mask.
"""

import numpy as np
from keras import ops
from keras.backend import standardize_dtype


def _lowest(dtype):
    dtype = standardize_dtype(dtype)
    half = {"bfloat16": -3.38e38, "float16": -65504.0}
    return half[dtype] if dtype in half else float(np.finfo(dtype).min)


def masked_max(values, mask, axis=-1, keepdims=False):
    """Returns the largest chosen entry along `axis`, or 0.

    Entries that tie for the maximum share its gradient.

    Example:
    >>> float(masked_max(ops.array([1.0, 5.0]), ops.array([True, False])))
    1.0
    """
    low = ops.full((), _lowest(values.dtype), values.dtype)
    top = ops.max(ops.where(mask, values, low), axis=axis, keepdims=keepdims)
    some = ops.any(mask, axis=axis, keepdims=keepdims)
    return ops.where(some, top, ops.zeros_like(top))


def masked_min(values, mask, axis=-1, keepdims=False):
    """Returns the smallest chosen entry along `axis`, or 0.

    Entries that tie for the minimum share its gradient.

    Example:
    >>> float(masked_min(ops.array([1.0, 5.0]), ops.array([False, True])))
    5.0
    """
    return -masked_max(-values, mask, axis, keepdims)


def masked_sum(values, mask, axis=-1, keepdims=False, weights=None):
    """Returns the sum of the chosen entries along `axis`.

    Example:
    >>> values, mask = ops.array([1.0, 5.0]), ops.array([False, True])
    >>> float(masked_sum(values, mask, weights=ops.array([1.0, 0.5])))
    2.5
    """
    zero = ops.zeros((), values.dtype)
    chosen = ops.where(mask, values, zero)
    if weights is not None:
        chosen = chosen * weights
    return ops.sum(chosen, axis=axis, keepdims=keepdims)


def masked_count(mask, dtype, axis=-1, keepdims=False, weights=None):
    """Returns how many entries are chosen along `axis`, a float.

    Example:
    >>> float(masked_count(ops.array([True, False, True]), "float32"))
    2.0
    """
    counts = ops.cast(mask, dtype)
    if weights is not None:
        counts = counts * weights
    return ops.sum(counts, axis=axis, keepdims=keepdims)


def masked_mean(values, mask, axis=-1, keepdims=False, weights=None):
    """Returns the mean of the chosen entries along `axis`, or 0.

    Example:
    >>> values = ops.array([1.0, 5.0, 6.0])
    >>> float(masked_mean(values, ops.array([True, True, False])))
    3.0
    """
    total = masked_sum(values, mask, axis, keepdims, weights)
    count = masked_count(mask, values.dtype, axis, keepdims, weights)
    return total / _divisor(count, weights)


def _divisor(count, weights):
    """A count that can be divided by; weights may add up to less than 1."""
    one = ops.ones((), count.dtype)
    if weights is None:
        return ops.maximum(count, one)
    return ops.where(count > 0, count, one)


def masked_logsumexp(values, mask, axis=-1, keepdims=False, weights=None):
    """Returns the log of the sum of exp of the chosen entries, or 0.

    Example:
    >>> values = ops.array([1000.0, 1000.0, 5e30])
    >>> mask = ops.array([True, True, False])
    >>> round(float(masked_logsumexp(values, mask)), 4)
    1000.6932
    """
    zero = ops.zeros((), values.dtype)
    top = ops.stop_gradient(masked_max(values, mask, axis, keepdims=True))
    # What is not chosen must not overflow either: inf * 0 is no gradient.
    shifted = ops.where(mask, values - top, zero)
    total = masked_sum(ops.exp(shifted), mask, axis, True, weights)
    some = total > 0
    result = ops.where(
        some, ops.log(ops.where(some, total, zero + 1)) + top, zero
    )
    return result if keepdims else ops.squeeze(result, axis)


def shares_of_mean(values, mask, rows, weights=None):
    """Splits the mean of the chosen entries of a matrix over its rows.

    A batch loss that is a mean over pairs or triplets becomes one value per
    anchor this way, whose mean is that loss:

        share_i = rows * sum_j mask_ij values_ij / sum_ij mask_ij

    Args:
        values: Float tensor of shape `(rows, columns)`, 0 where `mask` is
            false, or anything there: it is not read.
        mask: Boolean tensor of shape `(rows, columns)`.
        rows: The number of rows that are there, a float: the mean over those
            is the mean.
        weights: `None`, or float tensor like `mask`. Defaults to `None`.

    Returns:
        Tensor of shape `(rows,)`, 0 everywhere if nothing is chosen.

    Example:
    >>> values = ops.array([[1.0, 3.0], [5.0, 7.0]])
    >>> mask = ops.array([[True, True], [True, False]])
    >>> [round(float(v), 4) for v in shares_of_mean(values, mask, 2.0)]
    [2.6667, 3.3333]
    """
    totals = masked_sum(values, mask, weights=weights)
    chosen = masked_count(mask, values.dtype, None, weights=weights)
    return totals * (rows / _divisor(chosen, weights))
