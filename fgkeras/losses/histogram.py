"""Histogram loss: how often a negative pair is nearer than a positive one."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_count
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there


@checked(num_bins=Number(least=1, whole=True))
def histogram(labels, embeddings, *, positives=None, num_bins=100):
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
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        num_bins: Int at least 1, number of intervals of the cosines from -1
            to 1. Defaults to `100`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 everywhere if the
        batch has no positive or no negative pair.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

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
    weights = ops.cast(positive_pairs(labels, positives), s.dtype)
    grades = pair_grades(positives, s.dtype)
    if grades is not None:
        weights = weights * grades
    negatives = negative_pairs(labels, positives)
    place = (ops.clip(s, -1.0, 1.0) + 1.0) * (num_bins / 2.0)
    below = ops.clip(ops.floor(place), 0, num_bins - 1)
    share = place - ops.stop_gradient(below)
    below = ops.cast(below, "int32")
    counts = _node_counts(share, below, weights, num_bins)
    total = ops.sum(weights)
    nearer = ops.cumsum(counts) / ops.where(total > 0, total, zero + 1)
    # A negative pair meets the cumulative curve between its two nodes.
    lower = ops.take(nearer, below, axis=0)
    upper = ops.take(nearer, below + 1, axis=0)
    met = ops.where(negatives, lower + share * (upper - lower), zero)
    batch = rows_there(labels, s.dtype)
    num_negatives = masked_count(negatives, s.dtype, None)
    return ops.sum(met, axis=-1) * (
        batch / ops.maximum(num_negatives, zero + 1)
    )


def _node_counts(share, below, weights, num_bins):
    """Returns how much of the weighed pairs falls to each node."""
    place = ops.reshape(below, (-1,))
    upper = ops.reshape(weights * share, (-1,))
    lower = ops.reshape(weights * (1.0 - share), (-1,))
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
        positives: `None`, or what makes the relation of pairs of `y_true` in
            place of the label, such as `mining.SharedLabels()`. Defaults to
            `None`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows. What `positives` takes, where it is given.
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
        positives=None,
        reduction="sum_over_batch_size",
        name="histogram",
        dtype=None,
    ):
        super().__init__(
            histogram,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            num_bins=num_bins,
        )
