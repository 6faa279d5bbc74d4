"""SoftTriple: softmax over classes that have several centres each."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.precision import full_precision


@checked(
    classes=True,
    scale=Number(above=0),
    gamma=Number(above=0),
    margin=Number(),
)
def soft_triple(labels, similarities, *, scale=20.0, gamma=0.1, margin=0.01):
    """Softmax loss on each class's softly nearest centre.

        l_i = -log softmax_c(scale (S_ic - margin [c = y]))_y
        S_ic = sum_k softmax_k(s_ick / gamma) s_ick

    Use it for classes that look like several things: male and female, open
    and closed. Each class has as many centres as `ClassProxies` has
    `per_class`; its `merging` draws superfluous ones together.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        similarities: Float tensor of shape `(batch, num_classes, per_class)`,
            or `(batch, num_classes)` for one centre: cosines.
        scale: Float above 0. Defaults to `20.0`.
        gamma: Float above 0, towards 0 only the nearest centre counts.
            Defaults to `0.1`.
        margin: Float, in cosine. Defaults to `0.01`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64, in nats; 0 for absent
        rows.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is neither a
            class nor -1, or a similarity is not finite. In a compiled graph,
            which cannot raise, such a label or row gives NaN.

    Example:
    >>> s = ops.array([[[0.9, -0.9], [0.8, 0.8]]])
    >>> loss = soft_triple(ops.array([0]), s, margin=0.0)
    >>> round(float(loss[0]), 4)
    0.1269

    Reference:

    - [Qian et al., 2019](https://arxiv.org/abs/1909.05235), equations 6
      and 7.
    """
    s = full_precision(similarities)
    if len(s.shape) == 3 and s.shape[-1] == 1:
        s = s[:, :, 0]
    if len(s.shape) == 3:
        s = ops.sum(ops.softmax(s / gamma, axis=-1) * s, axis=-1)
    own = ops.one_hot(labels, s.shape[-1], dtype="bool")
    logits = scale * ops.where(own, s - margin, s)
    log_p = ops.where(own, ops.log_softmax(logits, axis=-1), ops.zeros_like(s))
    return -ops.sum(log_p, axis=-1)


@keras.saving.register_keras_serializable(package="fgkeras")
class SoftTriple(MetricLoss):
    """`soft_triple` as a Keras loss, for a model that ends in `ClassProxies`.

    Args:
        scale: Float above 0. Defaults to `20.0`.
        gamma: Float above 0, towards 0 only the nearest centre counts.
            Defaults to `0.1`.
        margin: Float, in cosine. Defaults to `0.01`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        y_pred: Cosines of shape `(batch, num_classes, per_class)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `soft_triple` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> loss = SoftTriple(margin=0.0)
    >>> s = ops.array([[[0.9, -0.9], [0.8, 0.8]]])
    >>> round(float(loss(ops.array([0]), s)), 4)
    0.1269

    Reference:

    - [Qian et al., 2019](https://arxiv.org/abs/1909.05235).
    """

    ranks = (2, 3)
    has_classes = True

    def __init__(
        self,
        *,
        scale=20.0,
        gamma=0.1,
        margin=0.01,
        reduction="sum_over_batch_size",
        name="soft_triple",
        dtype=None,
    ):
        super().__init__(
            soft_triple,
            reduction=reduction,
            name=name,
            dtype=dtype,
            scale=scale,
            gamma=gamma,
            margin=margin,
        )
