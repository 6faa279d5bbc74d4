"""Labels and counts as arrays of integers, refused where they are not whole."""

import numpy as np


def whole_numbers(name, values):
    """Returns `values` as `int64`, or says which one is no whole number.

    NumPy's own cast cuts off what stands behind the point and takes booleans
    for numbers. Half precision is refused whatever it holds: 2049 has become
    2048 there.

    Args:
        name: String, for the message.
        values: Array-like of integers, or of float32 or float64 that are
            whole.

    Returns:
        NumPy `int64` array of the same shape.

    Raises:
        ValueError: The type or a value is no whole number.

    Example:

    >>> whole_numbers("labels", [0.0, 2.0])
    array([0, 2])
    """
    values = np.asarray(values)
    if not values.size:
        return values.astype("int64")
    if values.dtype.name not in ("float32", "float64"):
        if values.dtype.kind in "iu" and values.max() < 2**63:
            return values.astype("int64")
        raise ValueError(
            f"`{name}` must be whole numbers. Received: {name} of dtype "
            f"{values.dtype}. Give integers; names become numbers with "
            "`np.unique(names, return_inverse=True)[1]`."
        )
    top = 2.0**24 if values.dtype.name == "float32" else 2.0**53
    whole = (np.abs(values) < top) & (values == np.floor(values))
    if not whole.all():
        place = np.unravel_index(whole.argmin(), values.shape)
        shown = ", ".join(str(int(i)) for i in place)
        raise ValueError(
            f"`{name}` must be whole numbers. Received: {name}[{shown}]="
            f"{values[place]}. Give integers."
        )
    return values.astype("int64")
