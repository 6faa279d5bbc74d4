"""Base of the losses through which integer labels pass."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.labels import check_label_type
from fgkeras.ops.labels import integer_labels
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

    # "integer" or "categorical" where the loss takes either, chosen as it is
    # constructed; `None` where there is no choice.
    label_mode = None

    # Rows of a batch behind each value: 3 for triplets, the anchor's first.
    rows_per_value = 1

    def __call__(self, y_true, y_pred, sample_weight=None):
        # Keras casts labels next: the type they came in is seen only here.
        if isinstance(y_true, list | tuple):
            y_true = np.asarray(y_true)
        self.check_labels(y_true, y_pred)
        weight = of_values(sample_weight, self.rows_per_value)
        return super().__call__(y_true, y_pred, weight)

    def check_labels(self, y_true, y_pred):
        """Refuses labels of a wrong type, before Keras casts them."""
        check_label_type(y_true, self.num_classes_of(y_pred))

    def num_classes_of(self, y_pred):
        """Returns how many classes labels count, `None` for any number."""

    def labels_of(self, y_true, y_pred):
        """Returns int32 labels `(batch,)`, below -1 where one is wrong."""
        return integer_labels(y_true, self.num_classes_of(y_pred))

    def values_of_first(self, y_true, y_pred, all_true, all_pred):
        """Returns the values of rows that are compared with more than they are.

        Args:
            y_true: Tensor, labels of the rows.
            y_pred: Tensor, the rows; first axis the batch.
            all_true: Tensor, labels of more rows, of which those are the first.
            all_pred: Tensor, these rows.

        Returns:
            Tensor of shape `(batch,)`.
        """
        return self.call(all_true, all_pred)[: ops.shape(y_pred)[0]]

    def get_config(self):
        return {**super().get_config(), "dtype": self.dtype}


def of_values(sample_weight, rows_per_value):
    """Returns the weights of a loss' values, given those of its rows.

    Args:
        sample_weight: `None`, a number, or tensor with one number per row.
        rows_per_value: Int; of so many rows the first is the value's.

    Example:
    >>> of_values(np.array([1.0, 0.0, 0.0, 2.0, 0.0, 0.0]), 3).tolist()
    [1.0, 2.0]
    """
    if isinstance(sample_weight, list | tuple):
        sample_weight = np.asarray(sample_weight)
    if rows_per_value == 1 or not getattr(sample_weight, "shape", ()):
        return sample_weight
    return sample_weight[::rows_per_value]


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
