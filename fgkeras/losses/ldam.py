"""Softmax cross-entropy with a margin that is wider for rare classes."""

import keras
from keras import ops

from fgkeras.losses.class_counted_loss import ClassCountedLoss
from fgkeras.losses.class_counted_loss import counted
from fgkeras.losses.weighted_cross_entropy import SMOOTHING
from fgkeras.losses.weighted_cross_entropy import softmax
from fgkeras.ops.hyperparameter import Number

MAX_MARGIN = Number(least=0, hint="Use 0 for plain softmax.")
SCALE = Number(above=0)


def ldam(
    labels,
    logits,
    *,
    class_counts,
    max_margin=0.5,
    scale=30.0,
    smoothing=0.0,
):
    """Returns the label-distribution-aware margin loss of each image, in nats.

        loss = log sum_c exp(a_c) - a_y
        a_c  = z_c - scale * Delta_c [c = y]
        Delta_c = max_margin * (n_c / min_j n_j)**(-1/4)

    Margins are in units of cosine: `logits` are meant to be cosines times
    `scale`.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`, values in
            `[0, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class.
        max_margin: Float at least 0, the margin of the rarest class. Defaults
            to `0.5`.
        scale: Float above 0, of the logits: what a cosine of 1 is among them.
            Defaults to `30.0`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If a class is empty, shapes do not fit, a number is
            out of range, a label is no
            class or a logit is not finite. In a compiled graph, which cannot
            raise, such a label gives NaN and such a logit what the equation
            gives.

    Example:
    >>> logits = ops.convert_to_tensor([[30.0, 15.0]])
    >>> loss = ldam([0], logits, class_counts=[100, 100])
    >>> round(float(loss[0]), 4)
    0.6931

    Reference:

    - [Cao et al., 2019](https://arxiv.org/abs/1906.07413), section 3.2.
    """
    max_margin = MAX_MARGIN.checked("max_margin", max_margin)
    scale = SCALE.checked("scale", scale)
    labels, logits, counts = counted(labels, logits, class_counts)
    margins = scale * max_margin * (counts / counts.min()) ** -0.25
    own = ops.one_hot(labels, counts.size, dtype="bool")
    margins = ops.where(own, ops.cast(margins, logits.dtype), 0.0)
    return softmax(labels, logits - margins, smoothing=smoothing)


@keras.saving.register_keras_serializable(package="fgkeras")
class LDAM(ClassCountedLoss):
    """Softmax cross-entropy with a margin that is wider for rare classes.

    Use it on long tails behind a head of cosines, `CosineLogits(scale=30)`:
    a class of n images has to win by a margin that falls with the fourth root
    of n. Its authors weight the classes in the last stage of training
    (`ClassBalanced` around it, or `loss.beta` of a stage). A linear head can
    outgrow any margin; give it `scale=1`.

        loss = log sum_c exp(a_c) - a_y
        a_c  = z_c - scale * Delta_c [c = y]
        Delta_c = max_margin * (n_c / min_j n_j)**(-1/4)

    The logits `z` hold the scale already, so that their softmax is that of
    training; in the paper cosines are scaled inside of the loss, which is the
    same.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        max_margin: Float at least 0, the margin of the rarest class, in units
            of cosine; `0` is plain softmax. Defaults to `0.5`.
        scale: Float above 0, of the logits: what a cosine of 1 is among them.
            Defaults to `30.0`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: As `ClassBalancedSoftmax`, or if a number is out of range.

    Example:
    >>> loss = LDAM([100, 100])
    >>> logits = ops.convert_to_tensor([[30.0, 15.0]])
    >>> round(float(loss([0], logits)), 4)
    0.6931

    Reference:

    - [Cao et al., 2019](https://arxiv.org/abs/1906.07413), section 3.2.
    """

    def __init__(
        self,
        class_counts,
        *,
        max_margin=0.5,
        scale=30.0,
        smoothing=0.0,
        class_names=None,
        reduction="sum_over_batch_size",
        name="ldam",
        dtype=None,
    ):
        super().__init__(class_counts, class_names, reduction, name, dtype)
        self.max_margin = MAX_MARGIN.checked("max_margin", max_margin)
        self.scale = SCALE.checked("scale", scale)
        self.smoothing = SMOOTHING.checked("smoothing", smoothing)

    def call(self, y_true, y_pred):
        return ldam(
            self.labels_of(y_true, y_pred),
            y_pred,
            class_counts=self.class_counts,
            max_margin=self.max_margin,
            scale=self.scale,
            smoothing=self.smoothing,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "max_margin": self.max_margin,
            "scale": self.scale,
            "smoothing": self.smoothing,
        }
