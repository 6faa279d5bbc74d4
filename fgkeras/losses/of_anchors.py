"""A loss on the anchors of listed triplets alone."""

import keras

from fgkeras.losses.inner_loss import inner_loss
from fgkeras.losses.label_loss import LabelLoss
from fgkeras.losses.label_loss import num_classes_of
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import nan_where_wrong


@keras.saving.register_keras_serializable(package="fgkeras")
class OfAnchors(LabelLoss):
    """Another loss on the anchors' rows of listed triplets alone.

    Use it for the classification part of a joint loss: anchors carry a label,
    while a negative that a person rejected has no class.

    Args:
        loss: `keras.losses.Loss` that gives one value per image, or the name
            of one.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `"float32"`, `"float64"`, or `None` for that of `loss`.

    Call arguments:
        y_true: Integer labels of shape `(3 * num_triplets,)`; only every third
            is read.
        y_pred: What `loss` takes, `3 * num_triplets` rows.

    Returns:
        Scalar, or shape `(num_triplets,)` with `reduction=None`.

    Raises:
        ValueError: If `loss` is no loss or takes soft labels, the dtype is
            half precision, or the label of an anchor is no class: in a
            compiled `fit`, which cannot raise, it gives NaN.

    Example:
    >>> import numpy as np
    >>> inner = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> loss = OfAnchors(inner)
    >>> labels = np.array([1, 1, 0])
    >>> logits = np.array([[0, 9], [5, 5], [7, 0]], "float32")
    >>> round(float(loss(labels, logits)), 4)
    0.0001

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), equation 4.
    """

    rows_per_value = 3

    def __init__(
        self,
        loss,
        *,
        reduction="sum_over_batch_size",
        name="of_anchors",
        dtype=None,
    ):
        loss = inner_loss(loss)
        super().__init__(reduction, name, dtype or loss.dtype)
        self.loss = loss

    def call(self, y_true, y_pred):
        y_true, y_pred = y_true[::3], y_pred[::3]
        classes = self.num_classes_of(y_pred)
        # Whether -1 may be there is for a loss of this library to say.
        absent = isinstance(self.loss, LabelLoss)
        labels = integer_labels(y_true, classes, absent=absent)
        values = self.loss.call(y_true, y_pred)
        return nan_where_wrong(labels, values, classes, absent=absent)

    def num_classes_of(self, y_pred):
        return num_classes_of(self.loss, y_pred)

    def get_config(self):
        return {
            **super().get_config(),
            "loss": keras.saving.serialize_keras_object(self.loss),
        }

    @classmethod
    def from_config(cls, config):
        loss = keras.saving.deserialize_keras_object(config["loss"])
        return cls(**{**config, "loss": loss})
