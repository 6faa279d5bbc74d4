"""Proxy-Anchor: each proxy against all images of the batch."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.log_one_plus import log_one_plus_sum_exp
from fgkeras.ops.precision import full_precision


@checked(classes=True, alpha=Number(above=0), margin=Number())
def proxy_anchor(labels, similarities, *, alpha=32.0, margin=0.1):
    """Weighs the images of a batch by how hard they are for each proxy.

        L = 1/|P+| sum_{c in P+} log(1 + sum_{i in c}  exp(-alpha (s_ic - m)))
          + 1/|P|  sum_{c}       log(1 + sum_{i notin c} exp(alpha (s_ic + m)))

    where `P+` are the classes in the batch, `P` all classes. Use it for fast
    convergence; it wants a rate for the proxies about 100 times that of the
    body.

    An image is given its equal part of its class's first term, and the second
    sum: the mean over the batch is `L`.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        similarities: Float tensor of shape `(batch, num_classes)`, cosines
            such as `layers.ClassProxies` gives.
        alpha: Float above 0, sharpness. Defaults to `32.0`.
        margin: Float `m`, in cosine. Defaults to `0.1`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 for absent rows.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is neither a
            class nor -1, or a similarity is not finite. In a compiled graph,
            which cannot raise, such a label or row gives NaN.

    Example:
    >>> s = ops.array([[0.9, 0.0], [0.2, 0.1]])
    >>> loss = proxy_anchor(ops.array([0, 1]), s)
    >>> [round(float(v), 4) for v in loss]
    [6.42, 7.1132]

    Reference:

    - [Kim et al., 2020](https://arxiv.org/abs/2003.13911), equation 4.
    """
    s = full_precision(similarities)
    own = ops.one_hot(labels, s.shape[-1], dtype="bool")
    present = ops.any(own, axis=-1)
    foreign = ops.logical_and(present[:, None], ops.logical_not(own))
    pull = log_one_plus_sum_exp(alpha * (margin - s), own, axis=0)
    push = log_one_plus_sum_exp(alpha * (margin + s), foreign, axis=0)
    number = ops.sum(ops.cast(own, s.dtype), axis=0)
    classes = ops.sum(ops.cast(number > 0, s.dtype))
    images = ops.sum(ops.cast(present, s.dtype))
    batch = ops.cast(ops.shape(s)[0], s.dtype)
    one = ops.ones((), s.dtype)
    part = pull / (ops.maximum(number, one) * ops.maximum(classes, one))
    pulled = ops.sum(ops.where(own, part, ops.zeros_like(s)), axis=-1)
    # Not `ops.mean`: on JAX it falls to float32.
    pushed = ops.sum(push) / (s.shape[-1] * ops.maximum(images, one))
    value = batch * (pulled + pushed)
    return ops.where(present, value, ops.zeros_like(value))


@keras.saving.register_keras_serializable(package="fgkeras")
class ProxyAnchor(MetricLoss):
    """`proxy_anchor` as a Keras loss, for a model that ends in `ClassProxies`.

    Args:
        alpha: Float above 0, sharpness. Defaults to `32.0`.
        margin: Float, in cosine. Defaults to `0.1`.
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
            Also what `proxy_anchor` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> loss = ProxyAnchor()
    >>> s = ops.array([[0.9, 0.0], [0.2, 0.1]])
    >>> round(float(loss(ops.array([0, 1]), s)), 4)
    6.7666

    Reference:

    - [Kim et al., 2020](https://arxiv.org/abs/2003.13911).
    """

    has_classes = True

    def __init__(
        self,
        *,
        alpha=32.0,
        margin=0.1,
        reduction="sum_over_batch_size",
        name="proxy_anchor",
        dtype=None,
    ):
        super().__init__(
            proxy_anchor,
            reduction=reduction,
            name=name,
            dtype=dtype,
            alpha=alpha,
            margin=margin,
        )
