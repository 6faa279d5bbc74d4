"""Base of the losses through which integer labels pass."""

import keras
import numpy as np

from fgkeras.ops.labels import check_label_type
from fgkeras.ops.precision import FULL_PRECISION
from fgkeras.ops.precision import default_precision


class LabelLoss(keras.losses.Loss):
    """A loss in float32 or float64, whose config keeps the dtype.

    Keras casts labels to the dtype of the loss: half precision merges
    neighbouring ones, so it is refused.

    Args:
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None` for full precision, `"float32"` or `"float64"`.

    Raises:
        ValueError: If `dtype` is half precision, or labels come in a type that
            cannot hold every class number.
    """

    def __init__(self, reduction, name, dtype):
        dtype = dtype or default_precision()
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if self.dtype not in FULL_PRECISION:
            raise ValueError(
                f"`{type(self).__name__}` must have dtype float32 or float64: "
                "labels are cast to it, and half precision merges "
                f"neighbouring classes. Received: dtype={self.dtype}. Leave "
                "`dtype` out; half precision `y_pred` is lifted."
            )

    def __call__(self, y_true, y_pred, sample_weight=None):
        # Keras casts labels next: the type they came in is seen only here.
        if isinstance(y_true, list | tuple):
            y_true = np.asarray(y_true)
        check_label_type(y_true, self.num_classes_of(y_pred))
        return super().__call__(y_true, y_pred, sample_weight)

    def num_classes_of(self, y_pred):
        """Returns how many classes labels count, `None` for any number."""

    def get_config(self):
        return {**super().get_config(), "dtype": self.dtype}


def num_classes_of(loss, y_pred):
    """Returns how many classes the labels of any Keras loss count.

    Args:
        loss: `keras.losses.Loss`.
        y_pred: What `loss` takes.

    Returns:
        Int, or `None` where that is not known.
    """
    if isinstance(loss, LabelLoss):
        return loss.num_classes_of(y_pred)
    if isinstance(loss, keras.losses.SparseCategoricalCrossentropy):
        return y_pred.shape[-1]
    return None
