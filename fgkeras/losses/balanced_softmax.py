"""Softmax cross-entropy that knows how often each class was seen."""

import keras
import numpy as np

from fgkeras.losses.class_counted_loss import ClassCountedLoss
from fgkeras.losses.class_counted_loss import counted
from fgkeras.losses.weighted_cross_entropy import SMOOTHING
from fgkeras.losses.weighted_cross_entropy import softmax


def balanced_softmax(
    labels, logits, *, class_counts, smoothing=0.0, label_mode="integer"
):
    """Returns the balanced softmax cross-entropy of each image, in nats.

    Logits are trained to be right where all classes are as frequent: while
    training, the frequency of the images seen is added to them.

        loss = -log (n_y exp(z_y) / sum_c n_c exp(z_c))

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        label_mode: `"integer"`, or `"categorical"`: `labels` are rows of
            shares of the classes, shape `(batch, num_classes)`, that sum to 1.
            The loss of a row is its expectation over the classes. Defaults to
            `"integer"`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If a class is empty, shapes do not fit, `smoothing` is
            out of range, a label is no
            class or a logit is not finite. In a compiled graph, which cannot
            raise, such a label gives NaN and such a logit what the equation
            gives.

    Example:
    >>> z = np.zeros((1, 2), "float32")
    >>> loss = balanced_softmax([1], z, class_counts=[3, 1])
    >>> round(float(loss[0]), 4)
    1.3863

    Reference:

    - [Ren et al., 2020](https://arxiv.org/abs/2007.10740), theorem 1.
    """
    labels, logits, counts = counted(labels, logits, class_counts, label_mode)
    seen = keras.ops.cast(np.log(counts), logits.dtype)
    return softmax(
        labels, logits + seen, smoothing=smoothing, label_mode=label_mode
    )


@keras.saving.register_keras_serializable(package="fgkeras")
class BalancedSoftmax(ClassCountedLoss):
    """Softmax cross-entropy of logits plus the log of the class counts.

    Use it on long tails where all classes count alike in the end; nothing is
    to be tuned. Predict with the plain logits. Equal counts give plain
    softmax; `LogitAdjusted` with `tau=1` is the same loss.

        loss = -log (n_y exp(z_y) / sum_c n_c exp(z_c))

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
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
        ValueError: As `ClassBalancedSoftmax`.

    Example:
    >>> loss = BalancedSoftmax([3, 1])
    >>> round(float(loss(np.array([1]), np.zeros((1, 2), "float32"))), 4)
    1.3863

    Reference:

    - [Ren et al., 2020](https://arxiv.org/abs/2007.10740), theorem 1.
    """

    def __init__(
        self,
        class_counts,
        *,
        smoothing=0.0,
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="balanced_softmax",
        dtype=None,
    ):
        super().__init__(
            class_counts, class_names, reduction, name, dtype, label_mode
        )
        self.smoothing = SMOOTHING.checked("smoothing", smoothing)

    def call(self, y_true, y_pred):
        return balanced_softmax(
            self.labels_of(y_true, y_pred),
            y_pred,
            class_counts=self.class_counts,
            smoothing=self.smoothing,
            label_mode=self.label_mode,
        )

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}
