"""Softmax cross-entropy of logits adjusted by the prior of their class."""

import keras
import numpy as np

from fgkeras.losses.class_counted_loss import ClassCountedLoss
from fgkeras.losses.class_counted_loss import counted
from fgkeras.losses.weighted_cross_entropy import SMOOTHING
from fgkeras.losses.weighted_cross_entropy import softmax
from fgkeras.ops.hyperparameter import Number

TAU = Number(least=0, hint="Use 0 for plain softmax and 1 for the full prior.")


def logit_adjusted(
    labels,
    logits,
    *,
    class_counts,
    tau=1.0,
    smoothing=0.0,
    label_mode="integer",
):
    """Returns the logit-adjusted cross-entropy of each image, in nats.

        loss = log sum_c exp(a_c) - a_y,  a_c = z_c + tau log(n_c / sum_j n_j)

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class.
        tau: Float at least 0, how much of the prior is added. Defaults to
            `1.0`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        label_mode: `"integer"`, or `"categorical"`: `labels` are rows of
            shares of the classes, shape `(batch, num_classes)`, that sum to 1.
            The loss of a row is its expectation over the classes. Defaults to
            `"integer"`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If a class is empty, shapes do not fit, a number is
            out of range, a label is no
            class or a logit is not finite. In a compiled graph, which cannot
            raise, such a label gives NaN and such a logit what the equation
            gives.

    Example:
    >>> z = np.zeros((1, 2), "float32")
    >>> loss = logit_adjusted([1], z, class_counts=[3, 1])
    >>> round(float(loss[0]), 4)
    1.3863

    Reference:

    - [Menon et al., 2021](https://arxiv.org/abs/2007.07314), equation 10.
    """
    tau = TAU.checked("tau", tau)
    labels, logits, counts = counted(labels, logits, class_counts, label_mode)
    if tau:
        prior = tau * np.log(counts / counts.sum())
        logits = logits + keras.ops.cast(prior, logits.dtype)
    return softmax(labels, logits, smoothing=smoothing, label_mode=label_mode)


@keras.saving.register_keras_serializable(package="fgkeras")
class LogitAdjusted(ClassCountedLoss):
    """Softmax cross-entropy of logits plus `tau` times the log prior.

    Use it on long tails like `BalancedSoftmax`, which is its `tau=1`, where
    how far rare classes are preferred is to be tuned; `tau=0` is plain softmax.
    Predict with the plain logits.

        loss = log sum_c exp(a_c) - a_y,  a_c = z_c + tau log(n_c / sum_j n_j)

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        tau: Float at least 0, how much of the prior is added. Defaults to
            `1.0`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        label_mode: `"integer"`, or `"categorical"`: labels are one-hot rows,
            or soft ones. Defaults to `"integer"`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; with
            `label_mode="categorical"` rows of shares of the classes, shape
            `(batch, num_classes)`, at least 0 and summing to 1, as of mixed
            images. Their loss is its expectation, `sum_c t_c loss(c)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: As `ClassBalancedSoftmax`, or if `tau` is out of range.

    Example:
    >>> loss = LogitAdjusted([3, 1], tau=1.0)
    >>> round(float(loss(np.array([1]), np.zeros((1, 2), "float32"))), 4)
    1.3863

    Reference:

    - [Menon et al., 2021](https://arxiv.org/abs/2007.07314), equation 10.
    """

    def __init__(
        self,
        class_counts,
        *,
        tau=1.0,
        smoothing=0.0,
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="logit_adjusted",
        dtype=None,
    ):
        super().__init__(
            class_counts, class_names, reduction, name, dtype, label_mode
        )
        self.tau = TAU.checked("tau", tau)
        self.smoothing = SMOOTHING.checked("smoothing", smoothing)

    def call(self, y_true, y_pred):
        return logit_adjusted(
            self.labels_of(y_true, y_pred),
            y_pred,
            class_counts=self.class_counts,
            tau=self.tau,
            smoothing=self.smoothing,
            label_mode=self.label_mode,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "tau": self.tau,
            "smoothing": self.smoothing,
        }
