"""The loss inside of another one."""

import keras


def inner_loss(loss):
    """Returns the `Loss` object meant by `loss`, or says why there is none.

    Args:
        loss: `keras.losses.Loss`, or the name of such a class.

    Returns:
        `keras.losses.Loss`.

    Raises:
        ValueError: If it is neither, such as a function.

    Example:
    >>> inner_loss("MeanSquaredError").name
    'mean_squared_error'
    """
    found = loss
    if isinstance(loss, str):
        try:
            found = keras.losses.get(loss)
        except ValueError:
            found = None
    if isinstance(found, keras.losses.Loss):
        return found
    raise ValueError(
        "`loss` must be a `keras.losses.Loss`, or the name of such a class. "
        f"Received: loss={loss!r}. Put a function into a class whose `call` "
        "gives one value per image."
    )
