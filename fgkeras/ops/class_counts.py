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
