"""What the classes around metric losses share."""

import keras

from fgkeras.ops.labels import integer_labels
from fgkeras.ops.precision import FULL_PRECISION
from fgkeras.ops.precision import default_precision


class MetricLoss(keras.losses.Loss):
    """A function of labels and embeddings as a Keras loss.

    Base of the classes beside the functions: it keeps the hyperparameters
    under their names, in the object and in its config.

    Args:
        fn: Function `(labels, y_pred, **hyperparameters)` that gives one value
            per image.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.
        **hyperparameters: What `fn` takes by name.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: What `fn` takes, one row per image.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If `dtype` is half precision.
    """

    def __init__(self, fn, *, reduction, name, dtype, **hyperparameters):
        super().__init__(
            name=name, reduction=reduction, dtype=dtype or default_precision()
        )
        if self.dtype not in FULL_PRECISION:
            raise ValueError(
                f"`{type(self).__name__}` must have dtype float32 or float64: "
                "labels are cast to it, and half precision merges "
                f"neighbouring classes. Received: dtype={self.dtype}. Leave "
                "`dtype` out; half precision embeddings are lifted."
            )
        self._fn = fn
        self._names = tuple(hyperparameters)
        for key, value in hyperparameters.items():
            setattr(self, key, value)

    def call(self, y_true, y_pred):
        chosen = {key: getattr(self, key) for key in self._names}
        return self._fn(integer_labels(y_true), y_pred, **chosen)

    def get_config(self):
        return {
            **super().get_config(),
            **{key: getattr(self, key) for key in self._names},
            "dtype": self.dtype,
        }
