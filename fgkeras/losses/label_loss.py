"""Base of the losses through which integer labels pass."""

import keras

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
        ValueError: If `dtype` is half precision.
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

    def get_config(self):
        return {**super().get_config(), "dtype": self.dtype}
