"""The loss inside of another one."""

import keras

from fgkeras.losses.label_loss import LabelLoss


def inner_loss(loss, label_mode="integer"):
    """Returns the `Loss` object meant by `loss`, or says why there is none.

    Args:
        loss: `keras.losses.Loss`, or the name of such a class.
        label_mode: String, `"integer"` or `"categorical"`: the labels that it
            will be given. Defaults to `"integer"`.

    Returns:
        `keras.losses.Loss`.

    Raises:
        ValueError: If it is neither, such as a function, or takes other
            labels.

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
        check_inner_labels(found, label_mode)
        return found
    raise ValueError(
        "`loss` must be a `keras.losses.Loss`, or the name of such a class. "
        f"Received: loss={loss!r}. Put a function into a class whose `call` "
        "gives one value per image."
    )


def check_inner_labels(loss, label_mode="integer"):
    """Raises `ValueError` if a loss is known to take other labels.

    Args:
        loss: `keras.losses.Loss`.
        label_mode: String, `"integer"` or `"categorical"`: the labels that it
            will be given. Defaults to `"integer"`.

    Example:
    >>> check_inner_labels(keras.losses.MeanSquaredError())
    """
    taken = getattr(loss, "label_mode", None)
    of_integers = (LabelLoss, keras.losses.SparseCategoricalCrossentropy)
    # Triplets are weighted by the number of their anchor's class.
    listed = getattr(loss, "rows_per_value", 1) != 1
    if taken is None and (isinstance(loss, of_integers) or listed):
        taken = "integer"
    if taken not in (None, label_mode):
        raise ValueError(
            f"`loss` must take labels of label_mode={label_mode!r}, as the "
            f"loss around it does. Received: loss={loss.name!r}, which takes "
            f"label_mode={taken!r}. Give both the same `label_mode`, where "
            "both have one."
        )
