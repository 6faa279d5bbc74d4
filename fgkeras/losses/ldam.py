"""Softmax cross-entropy with a margin that is wider for rare classes."""

import keras
from keras import ops

from fgkeras.losses.class_counted_loss import ClassCountedLoss
from fgkeras.losses.class_counted_loss import counted
from fgkeras.losses.label_mode import expected
from fgkeras.losses.weighted_cross_entropy import SMOOTHING
from fgkeras.losses.weighted_cross_entropy import softmax
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_logsumexp

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
    label_mode="integer",
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
    >>> logits = ops.convert_to_tensor([[30.0, 15.0]])
    >>> loss = ldam([0], logits, class_counts=[100, 100])
    >>> round(float(loss[0]), 4)
    0.6931

    Reference:

    - [Cao et al., 2019](https://arxiv.org/abs/1906.07413), section 3.2.
    """
    max_margin = MAX_MARGIN.checked("max_margin", max_margin)
    scale = SCALE.checked("scale", scale)
    smoothing = SMOOTHING.checked("smoothing", smoothing)
    labels, logits, counts = counted(labels, logits, class_counts, label_mode)
    margins = scale * max_margin * (counts / counts.min()) ** -0.25
    margins = ops.cast(margins, logits.dtype)
    if label_mode == "categorical":
        return expected(labels, _of_each_class(logits, margins, smoothing))
    own = ops.one_hot(labels, counts.size, dtype="bool")
    margins = ops.where(own, margins, 0.0)
    return softmax(labels, logits - margins, smoothing=smoothing)


def _of_each_class(logits, margins, smoothing):
    """The loss of each class, were it the label: `(batch, num_classes)`.

    Only the logit of the label has a margin, so that the classes have one sum
    over the others, o_c = log sum_{j != c} exp(z_j), in place of C sums:

        loss(c) = log(1 + exp(o_c + m_c - z_c))
        + smoothing ((z_c - m_c) - mean_j (z_j - m_j [j = c]))
    """
    num_classes = logits.shape[-1]
    if num_classes == 1:
        return ops.zeros_like(logits)
    top = ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
    logits = logits - top
    first = ops.one_hot(ops.argmax(logits, axis=-1), num_classes, dtype="bool")
    # All but the first have at most half of the sum: 1 - p keeps its digits.
    p = ops.where(first, 0.0, ops.softmax(logits, axis=-1))
    rest = ops.logsumexp(logits, axis=-1, keepdims=True) + ops.log1p(-p)
    second = masked_logsumexp(logits, ops.logical_not(first), keepdims=True)
    others = ops.where(first, second, rest)
    values = ops.softplus(others + margins - logits)
    if smoothing:
        # Keras' mean of float64 is float32 under JAX.
        mean = ops.sum(logits, axis=-1, keepdims=True) / num_classes
        own = (1.0 - 1.0 / num_classes) * margins
        values = values + smoothing * (logits - mean - own)
    return values


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
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="ldam",
        dtype=None,
    ):
        super().__init__(
            class_counts, class_names, reduction, name, dtype, label_mode
        )
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
            label_mode=self.label_mode,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "max_margin": self.max_margin,
            "scale": self.scale,
            "smoothing": self.smoothing,
        }
