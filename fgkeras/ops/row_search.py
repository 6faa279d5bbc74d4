"""Where numbers stand in sorted rows, for many rows at once."""

from keras import ops


def row_search(sorted_rows, values, side="left"):
    """Returns how many entries of its row stand before each value.

    `numpy.searchsorted` row by row, as halving steps over the whole matrix:
    static shapes, memory of the size of `values`.

    Args:
        sorted_rows: Tensor of shape `(n, m)`, ascending along the last axis.
        values: Tensor of shape `(n, k)`.
        side: `"left"` counts the entries below the value, `"right"` also
            those equal to it. Defaults to `"left"`.

    Returns:
        int32 tensor of shape `(n, k)`, values in `[0, m]`.

    Raises:
        ValueError: If `side` is another word.

    Example:
    >>> rows = ops.array([[1.0, 2.0, 2.0, 5.0]])
    >>> values = ops.array([[2.0, 0.0, 9.0]])
    >>> [int(i) for i in row_search(rows, values)[0]]
    [1, 0, 4]
    >>> [int(i) for i in row_search(rows, values, "right")[0]]
    [3, 0, 4]
    """
    if side not in ("left", "right"):
        raise ValueError(
            f'`side` must be "left" or "right". Received: side={side!r}.'
        )
    static = sorted_rows.shape[-1]
    length = ops.shape(sorted_rows)[-1]
    # Unknown sizes are searched as if they had 2**24 columns.
    steps = 24 if static is None else int(static).bit_length()
    found = ops.zeros(ops.shape(values), "int32")
    for power in reversed(range(steps)):
        ahead = found + 2**power
        there = ops.minimum(ahead, length) - 1
        entry = ops.take_along_axis(sorted_rows, there, axis=-1)
        before = entry < values if side == "left" else entry <= values
        step = ops.logical_and(before, ahead <= length)
        found = ops.where(step, ahead, found)
    return found
