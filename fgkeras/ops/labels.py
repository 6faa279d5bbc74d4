"""Integer labels of a batch, and a number looked up for each of them."""

from keras import ops


def integer_labels(y):
    """Returns labels `(batch,)` or `(batch, 1)` as int32 `(batch,)`.

    Args:
        y: Tensor or array of whole numbers, of any numeric type that is exact
            for them.

    Returns:
        int32 tensor of shape `(batch,)`.

    Raises:
        ValueError: If `y` has another shape, such as one-hot rows.

    Example:
    >>> integer_labels([[3.0], [1.0]]).shape[0]
    2
    """
    y = ops.convert_to_tensor(y)
    shape = tuple(y.shape)
    if len(shape) > 2 or (len(shape) == 2 and shape[1] not in (1, None)):
        raise ValueError(
            "Labels must be integers of shape (batch,) or (batch, 1). "
            f"Received: labels of shape {shape}. Turn one-hot rows into "
            "integers with `argmax(axis=-1)`."
        )
    return ops.cast(ops.reshape(y, (-1,)), "int32")


def weight_of_labels(labels, class_weights, dtype):
    """Returns the weight of each label; NaN where no class has that label.

    An impossible label would otherwise train silently on a wrong target.

    Args:
        labels: int32 tensor of shape `(batch,)`.
        class_weights: Array or tensor of shape `(num_classes,)`.
        dtype: Floating type of the result.

    Returns:
        Tensor of shape `(batch,)`.

    Example:
    >>> labels = integer_labels([1, 0, 7])
    >>> [float(w) for w in weight_of_labels(labels, [0.5, 1.5], "float32")]
    [1.5, 0.5, nan]
    """
    weights = ops.cast(ops.convert_to_tensor(class_weights), dtype)
    num_classes = weights.shape[0]
    known = ops.logical_and(labels >= 0, labels < num_classes)
    chosen = ops.take(weights, ops.clip(labels, 0, num_classes - 1), axis=0)
    return ops.where(known, chosen, ops.full_like(chosen, float("nan")))


def nan_beyond(labels, num_classes, values):
    """Returns `values`, with NaN where a label is too large to be a class.

    A loss that would be 0 there trains silently on fewer images. Labels below
    0, which mark absent rows, are left alone.

    Args:
        labels: Integer tensor of shape `(batch,)`.
        num_classes: Int.
        values: Float tensor of shape `(batch,)`.

    Returns:
        Tensor shaped like `values`.

    Example:
    >>> [float(v) for v in nan_beyond([-1, 1, 2], 2, ops.zeros((3,)))]
    [0.0, 0.0, nan]
    """
    known = ops.cast(labels, "int32") < num_classes
    return ops.where(known, values, ops.full_like(values, float("nan")))
