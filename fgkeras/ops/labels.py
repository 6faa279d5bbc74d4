"""Integer labels of a batch: checked, and a number looked up for each."""

import numpy as np
from keras import ops

from fgkeras.ops.eager_values import eager_values

# The last class number that a type tells from the next one.
_LAST = {
    "int8": 2**7 - 1,
    "uint8": 2**8 - 1,
    "int16": 2**15 - 1,
    "uint16": 2**16 - 1,
    "int32": 2**31 - 1,
    "uint32": 2**31 - 1,
    "int64": 2**31 - 1,
    "uint64": 2**31 - 1,
    "float32": 2**24 - 1,
    "float64": 2**31 - 1,
}
# What int32 cannot hold, or what is no whole number, becomes this in a graph.
_WRONG = -2


def integer_labels(y, num_classes=None, *, absent=True):
    """Returns labels `(batch,)` or `(batch, 1)` as int32 `(batch,)`.

    The one entrance of labels into losses, miners and layers. The type and the
    shape are checked always, values where there are any: a compiled graph
    cannot raise, and there a label that is no whole number, or too large for
    the type, becomes a number below -1, which `nan_where_wrong` finds.

    Args:
        y: Tensor or array of whole numbers: integers, or float32 or float64.
        num_classes: `None` for any number of classes, or int: labels must be
            below it, and the type must hold all of them.
        absent: Bool, whether a label may be -1, which marks an absent row.
            Defaults to `True`.

    Returns:
        int32 tensor of shape `(batch,)`.

    Raises:
        ValueError: If `y` has another shape, such as one-hot rows, a type that
            cannot hold every class number, or a value that is no class.

    Example:
    >>> integer_labels([[3.0], [1.0]]).shape[0]
    2
    """
    y = check_label_type(y, num_classes)
    shape = tuple(y.shape)
    if len(shape) > 2 or (len(shape) == 2 and shape[1] not in (1, None)):
        raise ValueError(
            "Labels must be integers of shape (batch,) or (batch, 1). "
            f"Received: labels of shape {shape}. Turn one-hot rows into "
            "integers with `argmax(axis=-1)`, or swap two arguments back."
        )
    values = eager_values(y)
    if values is not None:
        _check_values(values.reshape(-1), num_classes, absent)
    y = ops.reshape(ops.convert_to_tensor(y), (-1,))
    return ops.cast(y, "int32") if values is not None else _marked(y)


def whole_labels(y, num_classes=None, *, absent=False):
    """Returns labels of a whole set as a NumPy vector, checked likewise.

    Args:
        y: Array-like of whole numbers, `(num_images,)` or `(num_images, 1)`.
        num_classes: As in `integer_labels`.
        absent: Bool, whether -1 is allowed, for an image of no class. Defaults
            to `False`.

    Returns:
        NumPy `int64` array of shape `(num_images,)`.

    Raises:
        ValueError: As `integer_labels`.

    Example:
    >>> whole_labels([3.0, 1.0]).tolist()
    [3, 1]
    """
    y = np.asarray(check_label_type(y, num_classes))
    if y.ndim not in (1, 2) or (y.ndim == 2 and y.shape[1] != 1):
        raise ValueError(
            "Labels must be integers of shape (num_images,). Received: labels "
            f"of shape {y.shape}. Turn one-hot rows into integers with "
            "`argmax(axis=-1)`, or swap two arguments back."
        )
    y = y.reshape(-1)
    _check_values(y, num_classes, absent)
    return y.astype("int64")


def check_label_type(y, num_classes=None):
    """Returns labels as something with a type, or refuses the type.

    The type is known in a compiled graph too. Booleans, strings and half
    precision are refused, and integers too short for the classes: what was
    cast to them has wrapped or merged before anybody could see it.

    Args:
        y: Tensor, array or nested list.
        num_classes: `None` if not known, or int.

    Returns:
        `y`, a list as NumPy array.

    Raises:
        ValueError: If the type cannot hold every class number.

    Example:
    >>> check_label_type([0, 1]).dtype.kind
    'i'
    """
    if not (hasattr(y, "dtype") and hasattr(y, "shape")):
        y = np.asarray(y)
    name = _type_name(y)
    last = _LAST.get(name, -1)
    if last < (0 if num_classes is None else num_classes - 1):
        classes = "" if num_classes is None else f" for {num_classes} classes"
        raise ValueError(
            "Labels must be whole numbers of a type that holds every class "
            f"number. Received: labels of dtype {name}{classes}. Give int32 "
            "class numbers from the start: a later cast does not bring back "
            "what was rounded. Names become numbers with `np.unique(names, "
            "return_inverse=True)[1]`."
        )
    return y


def nan_where_wrong(
    labels, values, num_classes=None, *, rows=None, absent=True
):
    """Returns `values`, with NaN where a label is no class.

    For compiled graphs, in which `integer_labels` cannot raise: a loss that
    would be 0 there trains silently on fewer images.

    Args:
        labels: int32 tensor of shape `(batch,)` of `integer_labels`.
        values: Float tensor of shape `(batch,)`.
        num_classes: `None` for any number of classes, or int.
        rows: `None`, or float tensor with one row for each label: NaN also
            where a row is not finite.
        absent: Bool, whether -1 marks an absent row. Defaults to `True`.

    Returns:
        Tensor shaped like `values`.

    Example:
    >>> labels = ops.array([-1, 1, 2], "int32")
    >>> [float(v) for v in nan_where_wrong(labels, ops.zeros((3,)), 2)]
    [0.0, 0.0, nan]
    """
    right = labels >= (-1 if absent else 0)
    if num_classes is not None:
        right = ops.logical_and(right, labels < num_classes)
    if rows is not None:
        finite = ops.isfinite(rows)
        right = ops.logical_and(
            right, ops.all(finite, axis=tuple(range(1, len(rows.shape))))
        )
    return ops.where(right, values, ops.full_like(values, float("nan")))


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


def _check_values(values, num_classes, absent):
    last = _LAST[values.dtype.name]
    low = -1 if absent else 0
    fine = (values >= low) & (values <= last)
    if num_classes is not None:
        fine &= values < num_classes
    if values.dtype.kind == "f":
        fine &= values == np.floor(values)
    if fine.all():
        return
    row = int(fine.argmin())
    top = last if num_classes is None else num_classes - 1
    marks = " (-1 marks an absent row)" if absent else ""
    raise ValueError(
        f"Labels must be whole numbers from {low} to {top}{marks}. Received: "
        f"labels[{row}]={values[row].item()} of dtype {values.dtype}. Check "
        "that model and data have the same list of classes, numbered from 0."
    )


def _marked(y):
    """Symbolic labels as int32, with `_WRONG` for what it cannot hold."""
    kind = _type_name(y)
    if kind in ("int8", "uint8", "int16", "uint16", "int32"):
        return ops.cast(y, "int32")
    right = y <= _LAST[kind]
    if not kind.startswith("u"):
        right = ops.logical_and(right, y >= -1)
    if kind.startswith("float"):
        right = ops.logical_and(right, ops.equal(y, ops.floor(y)))
    labels = ops.cast(ops.where(right, y, ops.zeros_like(y)), "int32")
    return ops.where(right, labels, ops.full_like(labels, _WRONG))


def _type_name(y):
    """Name of the type of an array or of a tensor of any backend."""
    return getattr(y.dtype, "name", None) or str(y.dtype).split(".")[-1]
