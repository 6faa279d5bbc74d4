"""Proxy-NCA: each image against one proxy per class."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.precision import full_precision

FORMS = ("paper", "softmax")


@checked(classes=True, scale=Number(above=0), form=Choice(FORMS))
def proxy_nca(labels, similarities, *, scale=1.0, form="softmax"):
    """Pulls an image to its class's proxy and pushes it from the others.

        l_i = d_iy + log sum_{c} exp(-d_ic),   d_ic = scale ||x_i - p_c||^2

    for unit vectors, so that `d = 2 scale (1 - cosine)`. In the paper the sum
    leaves out the image's own class `y`, and the loss can be negative;
    `"softmax"` takes all classes and is a cross-entropy. Use it where batches
    are small: no pairs of images are needed.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        similarities: Float tensor of shape `(batch, num_classes)`, cosines
            such as `layers.ClassProxies` gives.
        scale: Float above 0. Defaults to `1.0`; about 10 is better.
        form: `"softmax"` or `"paper"`. Defaults to `"softmax"`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64, in nats; 0 for absent
        rows, and in the paper's form with a single class.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is neither a
            class nor -1, or a similarity is not finite. In a compiled graph,
            which cannot raise, such a label or row gives NaN.

    Example:
    >>> s = ops.array([[1.0, 0.0, -1.0]])
    >>> y = ops.array([0])
    >>> [round(float(proxy_nca(y, s, form=f)[0]), 4) for f in FORMS]
    [-1.8731, 0.1429]

    Reference:

    - [Movshovitz-Attias et al., 2017](https://arxiv.org/abs/1703.07464),
      equation 4.
    """
    s = full_precision(similarities)
    own = ops.one_hot(labels, s.shape[-1], dtype="bool")
    logits = 2.0 * scale * s
    pull = -ops.sum(ops.where(own, logits, ops.zeros_like(s)), axis=-1)
    present = ops.any(own, axis=-1)
    others = ops.logical_not(own) if form == "paper" else ops.ones_like(own)
    present = ops.logical_and(present, ops.any(others, axis=-1))
    push = masked_logsumexp(logits, others)
    return ops.where(present, pull + push, ops.zeros_like(push))


@keras.saving.register_keras_serializable(package="fgkeras")
class ProxyNCA(MetricLoss):
    """`proxy_nca` as a Keras loss, for a model that ends in `ClassProxies`.

    Args:
        scale: Float above 0, of the squared distances. Defaults to `1.0`.
        form: `"softmax"` or `"paper"`. Defaults to `"softmax"`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        y_pred: Cosines of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `proxy_nca` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> loss = ProxyNCA(scale=8.0)
    >>> round(float(loss(ops.array([1]), ops.array([[1.0, 0.9]]))), 4)
    1.7839

    Reference:

    - [Movshovitz-Attias et al., 2017](https://arxiv.org/abs/1703.07464).
    """

    has_classes = True

    def __init__(
        self,
        *,
        scale=1.0,
        form="softmax",
        reduction="sum_over_batch_size",
        name="proxy_nca",
        dtype=None,
    ):
        super().__init__(
            proxy_nca,
            reduction=reduction,
            name=name,
            dtype=dtype,
            scale=scale,
            form=form,
        )
