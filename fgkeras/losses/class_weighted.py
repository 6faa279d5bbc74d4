"""Weighting of any per-image loss by the number of images of its class."""

import keras
from keras import ops

from fgkeras.losses.balanced_loss import BalancedLoss
from fgkeras.losses.balanced_loss import weights_classes
from fgkeras.losses.inner_loss import inner_loss
from fgkeras.losses.label_mode import label_rows
from fgkeras.losses.label_mode import weighed
from fgkeras.ops.class_weights import BETA_DEFAULT
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import weight_of_labels


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalanced(BalancedLoss):
    """Weights another loss by how few images each class has.

    Use it to balance a loss that weights no classes itself: a metric loss,
    listed triplets, `LDAM`, a loss of your own, or one of Keras that takes
    integer labels. A triplet has the weight of its anchor's class.

        loss_i = w[y_i] * l_i

    With soft labels t it is the expectation over the classes,
    `sum_c t_c w_c l_i(c)`, of a loss whose own value is the expectation of
    `l_i`: any cross-entropy, also a smoothed one.

    Args:
        loss: `keras.losses.Loss` or the name of one, whose `call` gives one
            value per image. Its own reduction is not used.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        beta: Float in [0, 1]; `0` leaves the loss as it is, towards `1` the
            weights approach inverse frequency. Or one per class. Defaults to
            `0.9999`.
        weighting: `"effective"`, or without `beta` `"inverse"`,
            `"inverse-sqrt"` or `"none"`; see `fgkeras.ops.class_weights`.
            Defaults to `"effective"`.
        label_mode: `"integer"`, or `"categorical"`: labels are one-hot rows,
            or soft ones, which `loss` has to take too. Defaults to
            `"integer"`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`; never divided by the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`; of listed triplets every third is read. With
            `label_mode="categorical"` rows of shares of the classes, shape
            `(batch, num_classes)`, at least 0 and summing to 1.
        y_pred: What `loss` takes, one row per image.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If a count is no whole number or a class is empty, `beta`
            is out of range, the dtype is half precision, `loss` weights
            classes itself, takes other labels or does not give one value per
            image, or a label is no class: in a compiled `fit`, which cannot
            raise, it gives NaN.

    Example:
    >>> import numpy as np
    >>> plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> loss = ClassBalanced(plain, [1000, 10], beta=0.99)
    >>> logits = np.array([[2.0, -1.0]], "float32")
    >>> round(float(loss(np.array([1]), logits)), 4)
    5.565

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), equation 3.
    """

    def __init__(
        self,
        loss,
        class_counts,
        *,
        beta=BETA_DEFAULT,
        weighting="effective",
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced",
        dtype=None,
    ):
        super().__init__(
            class_counts,
            beta,
            weighting,
            class_names,
            reduction,
            name,
            dtype,
            label_mode,
        )
        self.loss = inner_loss(loss, self.label_mode)
        if weights_classes(self.loss):
            raise ValueError(
                "`loss` must not weight classes itself: they would be weighted "
                f"twice. Received: loss={self.loss.name!r}. Give that one its "
                "`beta` or `weighting`, and leave this one out."
            )
        self.rows_per_value = getattr(self.loss, "rows_per_value", 1)

    def call(self, y_true, y_pred):
        num_classes = len(self.class_counts)
        if self.label_mode == "categorical":
            rows = label_rows(y_true, num_classes)
            shares = weighed(rows, self.class_weights, rows.dtype)
            weights = ops.sum(shares, axis=-1)
            # What is weighed has to sum to 1 for the loss inside as well.
            per_image = self._values(shares / weights[:, None], y_pred)
            return ops.cast(weights, per_image.dtype) * per_image
        labels = integer_labels(
            y_true[:: self.rows_per_value], num_classes, absent=False
        )
        known = y_true
        if self.rows_per_value == 1:
            # In a graph a wrong label comes as far as here: its weight is NaN.
            known = ops.clip(labels, 0, num_classes - 1)
        return self._weighed(labels, self._values(known, y_pred))

    def values_of_first(self, y_true, y_pred, all_true, all_pred):
        labels = integer_labels(y_true, len(self.class_counts), absent=False)
        return self._weighed(
            labels,
            self.loss.values_of_first(y_true, y_pred, all_true, all_pred),
        )

    def _weighed(self, labels, per_image):
        weights = weight_of_labels(labels, self.class_weights, per_image.dtype)
        return weights * per_image

    def _values(self, y_true, y_pred):
        per_image = self.loss.call(y_true, y_pred)
        if len(per_image.shape) != 1:
            raise ValueError(
                "`loss` must give one value per image. Received: "
                f"loss={self.loss.name!r}, which gives shape "
                f"{tuple(per_image.shape)}. Reduce all axes but the first."
            )
        return per_image

    def get_config(self):
        return {
            **super().get_config(),
            "loss": keras.saving.serialize_keras_object(self.loss),
        }

    @classmethod
    def from_config(cls, config):
        loss = keras.saving.deserialize_keras_object(config["loss"])
        return cls(**{**config, "loss": loss})
