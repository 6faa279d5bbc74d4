"""Refusal of NaN and infinity, where a tensor has values yet."""

import numpy as np

from fgkeras.ops.eager_values import eager_values


def check_finite(name, x):
    """Raises `ValueError` if `x` holds NaN or infinity; symbolic `x` passes.

    Args:
        name: String, for the message.
        x: Tensor or array of floats.

    Raises:
        ValueError: If a value is not finite.

    Example:
    >>> check_finite("logits", [[1.0, 2.0]])
    """
    values = eager_values(x)
    if values is None or values.dtype.kind in "iub":
        return
    fine = np.isfinite(values)
    if not fine.all():
        place = np.unravel_index(fine.argmin(), values.shape)
        shown = ", ".join(str(int(i)) for i in place)
        raise ValueError(
            f"`{name}` must be finite. Received: {name}[{shown}]="
            f"{values[place]}. A model that diverged gives NaN: lower the "
            "learning rate. To mask a class use a large negative number such "
            "as -1e9."
        )
