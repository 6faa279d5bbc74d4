"""How the class of an image is said: by its number, or as shares of classes."""

import numpy as np
from keras import ops

from fgkeras.ops.eager_values import eager_values
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.precision import full_precision

LABEL_MODE = Choice(("integer", "categorical"))

# How far from 1 the sum of a row may be.
TOLERANCE = 1e-3
# Half precision does not sum to 1 as closely.
_KINDS = ("bool", "int", "uint", "float32", "float64")


def labels_in(label_mode, labels, num_classes=None):
    """Returns labels of one class per image, checked as their mode asks.

    The entrance of labels into the losses that take `label_mode`. With shares
    t of the classes such a loss is its expectation, which every one of them
    computes without going through its classes one by one:

        loss(t) = sum_c t_c loss(c)

    Args:
        label_mode: String, `"integer"` or `"categorical"`.
        labels: Tensor or array: integers of shape `(batch,)` or `(batch, 1)`,
            or rows of shares, shape `(batch, num_classes)`.
        num_classes: `None` for any number of classes, or int.

    Returns:
        Tensor: int32 labels of shape `(batch,)`, or rows in full precision.

    Raises:
        ValueError: If `label_mode` is no such word, or as `integer_labels` or
            `label_rows`.

    Example:
    >>> labels_in("categorical", [[0.25, 0.75]]).shape[1]
    2
    """
    if LABEL_MODE.checked("label_mode", label_mode) == "integer":
        return integer_labels(labels, num_classes, absent=False)
    return label_rows(labels, num_classes)


def label_rows(rows, num_classes=None):
    """Returns shares of classes, one row per image, in full precision.

    Type and shape are checked always, values where there are any. In a
    compiled graph, which cannot raise, a row that is wrong becomes NaN, so that
    its loss does.

    Args:
        rows: Tensor or array of shape `(batch, num_classes)`: one-hot labels,
            or those of mixed images. Numbers are at least 0 and those of a row
            sum to 1, within 0.001.
        num_classes: `None` for any number of classes, or int.

    Returns:
        Tensor shaped like `rows`, float32, or float64 for such rows.

    Raises:
        ValueError: If `rows` has another type or shape, such as integer
            labels, or a row is none of shares.

    Example:
    >>> label_rows([[0.25, 0.75], [1.0, 0.0]], 2).shape[0]
    2
    """
    rows = check_row_type(rows, num_classes)
    values = eager_values(rows)
    if values is not None:
        _check_values(values)
    rows = full_precision(rows)
    # NaN compares as false.
    near = ops.abs(ops.sum(rows, axis=-1, keepdims=True) - 1.0) <= TOLERANCE
    least = ops.all(rows >= 0, axis=-1, keepdims=True)
    right = ops.logical_and(near, least)
    return ops.where(right, rows, ops.full_like(rows, float("nan")))


def check_row_type(rows, num_classes=None):
    """Returns rows of shares as something with a type, or refuses them.

    Type and shape are known in a compiled graph too.

    Args:
        rows: Tensor, array or nested list.
        num_classes: `None` if not known, or int.

    Returns:
        `rows`, a list as NumPy array.

    Raises:
        ValueError: If there is not one number for each class, or the type is
            half precision or none of numbers.

    Example:
    >>> check_row_type([[True, False]], 2).shape
    (1, 2)
    """
    if not (hasattr(rows, "dtype") and hasattr(rows, "shape")):
        rows = np.asarray(rows)
    shape = tuple(rows.shape)
    kind = getattr(rows.dtype, "name", None) or str(rows.dtype).split(".")[-1]
    fits = len(shape) == 2 and (
        num_classes is None or shape[1] in (num_classes, None)
    )
    if not fits or not kind.startswith(_KINDS):
        classes = "" if num_classes is None else f" for {num_classes} classes"
        raise ValueError(
            "Labels must be rows of shares with label_mode='categorical': "
            "float32 numbers, one for each class. Received: labels of shape "
            f"{shape} and dtype {kind}{classes}. Turn integers into rows with "
            "`keras.ops.one_hot(labels, num_classes)` or leave out "
            "`label_mode`, or swap two arguments back."
        )
    return rows


def expected(rows, values, class_weights=None):
    """Returns the expectation of a loss over the shares of the classes.

        sum_c t_c w_c v_c

    Args:
        rows: Tensor of shape `(batch, num_classes)` of `label_rows`.
        values: Float tensor of that shape: the loss of each class, were it the
            label. Where a share is 0, any value will do.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.

    Returns:
        Tensor of shape `(batch,)`.

    Example:
    >>> rows = label_rows([[0.25, 0.75]])
    >>> float(expected(rows, ops.array([[4.0, 8.0]]))[0])
    7.0
    """
    shares = weighed(rows, class_weights, values.dtype)
    none = ops.zeros_like(values)
    # NaN, a wrong row, is not 0.
    return ops.sum(ops.where(shares == 0, none, shares * values), axis=-1)


def weighed(rows, class_weights, dtype):
    """Returns shares of classes times the weights of these.

    Args:
        rows: Tensor of shape `(batch, num_classes)` of `label_rows`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.
        dtype: String, floating type of the result.

    Returns:
        Tensor shaped like `rows`.

    Example:
    >>> float(weighed(label_rows([[1.0, 0.0]]), [3.0, 1.0], "float32")[0, 0])
    3.0
    """
    rows = ops.cast(rows, dtype)
    if class_weights is None:
        return rows
    return rows * ops.cast(ops.convert_to_tensor(class_weights), dtype)


def _check_values(values):
    values = values.astype("float64")
    fine = values >= 0
    if not fine.all():
        row, column = divmod(int(fine.argmin()), values.shape[1])
        shown = f"labels[{row}, {column}]={values[row, column]:.6g}"
    else:
        sums = values.sum(axis=1)
        near = np.abs(sums - 1.0) <= TOLERANCE
        if near.all():
            return
        row = int(near.argmin())
        shown = f"labels[{row}], which sums to {sums[row]:.6g}"
    raise ValueError(
        "Labels must be rows of shares with label_mode='categorical': numbers "
        f"of at least 0 that sum to 1 in each row, within {TOLERANCE}. "
        f"Received: {shown}. Divide each row by its sum; rows of several 1s "
        "are for `MultiLabelClassBalancedSigmoid` and `...Focal`."
    )
