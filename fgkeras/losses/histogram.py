"""Histogram loss: how often a negative pair is nearer than a positive one."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs


@checked(num_bins=Number(least=1, whole=True))
def histogram(labels, embeddings, *, num_bins=100):
    """Estimates the chance that a negative pair is nearer than a positive.

        L = sum_r h-_r sum_{q <= r} h+_q

    with the histograms `h+` and `h-` of the cosines of all positive and all
    negative pairs of the batch, each cosine shared linearly between the two
    nodes beside it. Use it where no margin should be tuned; it wants large
    batches.

    The value of anchor `a` is the mean over its negatives `n` of the share of
    positive pairs below `s_an`, in units in which the batch mean is `L`.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        num_bins: Int at least 1, number of intervals of the cosines from -1
            to 1. Defaults to `100`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 everywhere if the
        batch has no positive or no negative pair.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, or an embedding is not finite. In a compiled
            graph, which cannot raise, such a label or row gives NaN.

    Example:
    >>> x = [[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]]
    >>> loss = histogram(ops.array([0, 0, 1]), ops.array(x), num_bins=10)
    >>> [round(float(v), 4) for v in loss]
    [0.0, 0.75, 0.75]

    Reference:

    - [Ustinova & Lempitsky, 2016](https://arxiv.org/abs/1611.00822),
      equations 1 to 4.
    """
    s = pairwise_similarities(unit_normalize(embeddings))
    zero = ops.zeros((), s.dtype)
    positives, negatives = positive_pairs(labels), negative_pairs(labels)
    place = (ops.clip(s, -1.0, 1.0) + 1.0) * (num_bins / 2.0)
    below = ops.clip(ops.floor(place), 0, num_bins - 1)
    share = place - ops.stop_gradient(below)
    below = ops.cast(below, "int32")
    counts = _node_counts(share, below, positives, num_bins)
    num_positives = _count(positives, s.dtype)
    nearer = ops.cumsum(counts) / ops.maximum(num_positives, zero + 1)
    # A negative pair meets the cumulative curve between its two nodes.
    lower = ops.take(nearer, below, axis=0)
    upper = ops.take(nearer, below + 1, axis=0)
    met = ops.where(negatives, lower + share * (upper - lower), zero)
    batch = ops.cast(ops.shape(s)[0], s.dtype)
    num_negatives = ops.maximum(_count(negatives, s.dtype), zero + 1)
    return ops.sum(met, axis=-1) * (batch / num_negatives)


def _count(mask, dtype):
    return ops.sum(ops.cast(mask, dtype))


def _node_counts(share, below, mask, num_bins):
    """Returns how much of the chosen pairs falls to each node."""
    zero = ops.zeros((), share.dtype)
    place = ops.reshape(below, (-1,))
    upper = ops.reshape(ops.where(mask, share, zero), (-1,))
    lower = ops.reshape(ops.where(mask, 1.0 - share, zero), (-1,))
    nodes = num_bins + 1
    return ops.segment_sum(lower, place, nodes) + ops.segment_sum(
        upper, place + 1, nodes
    )


@keras.saving.register_keras_serializable(package="fgkeras")
class Histogram(MetricLoss):
    """`histogram` as a Keras loss.

    Args:
        num_bins: Int at least 1, number of intervals of the cosines from -1
            to 1. Defaults to `100`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        y_pred: Embeddings of shape `(batch, dim)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `histogram` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> loss = Histogram(num_bins=10)
    >>> x = ops.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]])
    >>> round(float(loss(ops.array([0, 0, 1]), x)), 4)
    0.5

    Reference:

    - [Ustinova & Lempitsky, 2016](https://arxiv.org/abs/1611.00822).
    """

    def __init__(
        self,
        *,
        num_bins=100,
        reduction="sum_over_batch_size",
        name="histogram",
        dtype=None,
    ):
        super().__init__(
            histogram,
            reduction=reduction,
            name=name,
            dtype=dtype,
            num_bins=num_bins,
        )
