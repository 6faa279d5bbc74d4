"""log(1 + a sum of exponentials), the soft form of many hinges at once."""

from keras import ops


def log_one_plus_sum_exp(values, mask, axis=-1, weights=None):
    """Returns the log of 1 plus the sum of exp of the chosen entries.

        log(1 + sum_{j: mask} exp(v_j))

    0 where nothing is chosen, never NaN; finite for values of any size.

    Args:
        values: Float tensor.
        mask: Boolean tensor of the same shape.
        axis: Int, the axis summed over. Defaults to `-1`.
        weights: `None`, or float tensor of the same shape: how often an entry
            counts. Defaults to `None`, once.

    Returns:
        Tensor without that axis.

    Example:
    >>> values = ops.array([[0.0, 0.0, 99.0], [500.0, 7.0, 7.0]])
    >>> mask = ops.array([[True, True, False], [True, False, False]])
    >>> [round(float(x), 4) for x in log_one_plus_sum_exp(values, mask)]
    [1.0986, 500.0]
    """
    low = ops.full((), -1e30, values.dtype)
    chosen = ops.where(mask, values, low)
    top = ops.stop_gradient(ops.max(chosen, axis=axis, keepdims=True))
    # The 1 is an entry too, with value 0.
    top = ops.maximum(top, ops.zeros_like(top))
    terms = ops.exp(chosen - top)
    if weights is not None:
        terms = terms * weights
    total = ops.sum(terms, axis=axis, keepdims=True)
    result = top + ops.log(ops.exp(-top) + total)
    return ops.squeeze(result, axis)
