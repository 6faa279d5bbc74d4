"""Numbers of images per class, checked."""

import numpy as np


def real_numbers(name, values):
    """Returns `values` as float64, or says that they are no numbers.

    Args:
        name: String, for the message.
        values: Array-like of ints or floats.

    Returns:
        NumPy `float64` array.

    Raises:
        ValueError: If the type is no number, such as strings or booleans.

    Example:
    >>> real_numbers("counts", [1, 2.5]).tolist()
    [1.0, 2.5]
    """
    found = np.asarray(values)
    if found.dtype.kind not in "iuf":
        raise ValueError(
            f"`{name}` must be numbers. Received: {name} of dtype "
            f"{found.dtype}. Count a split with `np.bincount(labels, "
            "minlength=num_classes)`."
        )
    return found.astype("float64")


def whole_counts(name, counts):
    """Returns numbers of images as int64, or says which one is none.

    Args:
        name: String, for the message.
        counts: Array-like of whole numbers at least 0, `(num_classes,)`.

    Returns:
        NumPy `int64` array.

    Raises:
        ValueError: If there is no count, or one is a fraction, negative, NaN
            or infinite.

    Example:
    >>> whole_counts("counts", [3, 1.0]).tolist()
    [3, 1]
    """
    values = real_numbers(name, counts)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(
            f"`{name}` must hold one number per class. Received: {name} of "
            f"shape {values.shape}. Count a split with `np.bincount(labels, "
            "minlength=num_classes)`."
        )
    fine = (values >= 0) & (values < 2.0**63) & (values == np.floor(values))
    if not fine.all():
        row = int(fine.argmin())
        raise ValueError(
            f"`{name}` must be whole numbers of images, at least 0. Received: "
            f"{name}[{row}]={values[row]}. Count a split with "
            "`np.bincount(labels, minlength=num_classes)`."
        )
    return values.astype("int64")


def filled_counts(name, counts, *, class_names=None):
    """Returns the images per class as int64, each at least 1.

    Use it where a class without a training image has no weight, margin or
    prior.

    Args:
        name: String, for the message.
        counts: Sequence of ints at least 1, shape `(num_classes,)`.
        class_names: `None`, or sequence of strings in label order, used to
            name empty classes in the error.

    Returns:
        NumPy `int64` array.

    Raises:
        ValueError: As `whole_counts`, or if a class is empty or there is
            another number of names.

    Example:
    >>> filled_counts("class_counts", [3, 1]).tolist()
    [3, 1]
    """
    counts = whole_counts(name, counts)
    if class_names is not None and len(class_names) != counts.size:
        raise ValueError(
            "`class_names` must hold one name per class. Received: "
            f"{len(class_names)} names for {counts.size} counts."
        )
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        shown = ", ".join(
            str(i) if class_names is None else f"{i} ({class_names[i]})"
            for i in empty[:10]
        )
        more = f" and {empty.size - 10} more" if empty.size > 10 else ""
        raise ValueError(
            "Every class needs at least one training image to have a weight. "
            f"Received: {name}=0 for labels {shown}{more}. Drop these classes "
            "or merge them with others."
        )
    return counts
