"""Triplets on plain distances, with distance-weighted negatives."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.distance_weighted import CUTOFF
from fgkeras.mining.distance_weighted import LIMIT
from fgkeras.mining.distance_weighted import distance_weights
from fgkeras.mining.distance_weighted import negatives_of_lots
from fgkeras.mining.local_positives import NEAREST
from fgkeras.mining.local_positives import near_pairs
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_count
from fgkeras.ops.masked import masked_sum
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there
from fgkeras.ops.triplets import sum_over_positives


@checked(
    per_row=("lots",),
    margin=Number(above=0),
    cutoff=CUTOFF,
    limit=LIMIT,
    nearest=NEAREST,
)
def distance_weighted_triplet(
    labels,
    embeddings,
    *,
    lots=None,
    positives=None,
    margin=0.2,
    cutoff=0.5,
    limit=1.4,
    nearest=1.0,
):
    """Returns the triplet loss with one drawn negative for each positive pair.

        L = mean_ap [d_ap - d_an + margin]+,    n drawn for each (a, p)

    over the triplets above 0, with plain Euclidean distances, not squared,
    between unit vectors. Negatives are drawn by `mining.distance_weights`.

    Without `lots` it is the expectation over the draws, all negatives weighed
    by how probable they are: the same gradient on average, without its noise,
    in O(batch^2 * largest class).

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        lots: `None`, or float tensor of shape `(batch, 2)` of uniform random
            numbers in [0, 1), by which negatives are drawn. Defaults to
            `None`.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        margin: Float above 0, Euclidean distance. Defaults to `0.2`.
        cutoff: Float in (0, 2), see `mining.distance_weights`. Defaults to
            `0.5`.
        limit: Float in (0, 2), likewise. Defaults to `1.4`.
        nearest: Float in (0, 1], the share of the positives, nearest first,
            that are pulled, see `mining.local_positives`. Defaults to `1.0`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64, whose mean is `L`; 0
        for anchors without positive or without negative below `limit`.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], "float32")
    >>> lots = np.full((3, 2), 0.3, "float32")
    >>> loss = distance_weighted_triplet(np.array([0, 0, 1]), x, lots=lots)
    >>> [round(float(v), 2) for v in loss]
    [1.08, 1.47, 0.0]

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567), section 4.1, and
      the triplet loss of section 4.2 without squares.
    """
    d = pairwise_distances(unit_normalize(embeddings))
    pairs = positive_pairs(labels, positives)
    weights = distance_weights(
        labels,
        d,
        embeddings.shape[-1],
        positives=None if positives is None else pairs,
        cutoff=cutoff,
        limit=limit,
    )
    near = near_pairs(labels, d, nearest, positives=positives)
    rows = rows_there(labels, d.dtype)
    if lots is None:
        values, count = sum_over_positives(
            labels,
            d,
            _expected(weights, margin),
            positives=positives,
            pairs=near,
        )
        count = ops.sum(count)
    else:
        lots = ops.cast(lots, d.dtype)
        # Of pairs with another positive, or another anchor, independent.
        lots = lots[:, :1] + ops.transpose(lots[:, 1:])
        drawn = negatives_of_lots(weights, lots - ops.floor(lots))
        able = ops.any(weights > 0, axis=-1, keepdims=True)
        excess = ops.relu(d - ops.take_along_axis(d, drawn, axis=1) + margin)
        pairs = pairs if near is None else near
        chosen = ops.logical_and(ops.logical_and(pairs, able), excess > 0)
        grades = pair_grades(positives, d.dtype)
        values = masked_sum(excess, chosen, weights=grades)
        count = masked_count(chosen, d.dtype, None, weights=grades)
    return values * (rows / ops.where(count > 0, count, 1.0))


def _expected(weights, margin):
    def step(near, negatives):
        excess = ops.relu(near - negatives + margin)
        push = ops.where(excess > 0, weights, ops.zeros((), near.dtype))
        number = ops.sum(push, axis=-1)
        return ops.sum(push * excess, axis=-1), number, push, number

    return step


@keras.saving.register_keras_serializable(package="fgkeras")
class DistanceWeightedTriplet(MetricLoss):
    """`distance_weighted_triplet` as a Keras loss, "Triplet2 + DWS".

    Use it as `Margin`, without a boundary. A loss has no random numbers of its
    own: put `layers.UniformLots(2)` behind the embeddings and say `num_lots=2`,
    and negatives are drawn by the last columns of `y_pred`, anew in each step
    and the same again when a training goes on. Without them it is the
    expectation over the draws.

    Args:
        margin: Float above 0, Euclidean distance. Defaults to `0.2`.
        cutoff: Float in (0, 2), nearer negatives are drawn as if at this
            distance. Defaults to `0.5`.
        limit: Float in (0, 2), farther negatives are not drawn. Defaults to
            `1.4`.
        nearest: Float in (0, 1], the share of the positives, nearest first,
            that are pulled. Defaults to `1.0`.
        num_lots: Int, 0 or 2, columns of `y_pred` that hold random numbers.
            Defaults to `0`.
        positives: `None`, or what makes the relation of pairs of `y_true` in
            place of the label, such as `mining.SharedLabels()`. Defaults to
            `None`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows. What `positives` takes, where it is given.
        y_pred: Embeddings of shape `(batch, dim)`, or
            `(batch, dim + num_lots)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `distance_weighted_triplet` refuses; in a compiled `fit`
            it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], "float32")
    >>> loss = DistanceWeightedTriplet()
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    0.8508

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567).
    """

    def __init__(
        self,
        *,
        margin=0.2,
        cutoff=0.5,
        limit=1.4,
        nearest=1.0,
        num_lots=0,
        positives=None,
        reduction="sum_over_batch_size",
        name="distance_weighted_triplet",
        dtype=None,
    ):
        super().__init__(
            distance_weighted_triplet,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
            cutoff=cutoff,
            limit=limit,
            nearest=nearest,
        )
        rule = Number(least=0, most=2, whole=True)
        self.num_lots = rule.checked("num_lots", num_lots)
        if self.num_lots == 1:
            raise ValueError(
                "`num_lots` must be 0 or 2: one number of the anchor and one "
                "of the positive choose a negative. Received: "
                f"num_lots={num_lots!r}."
            )

    def split(self, labels, y_pred):
        if not self.num_lots:
            return y_pred, {}
        rows, lots = self.without_columns(
            y_pred, "num_lots", self.num_lots, "UniformLots"
        )
        return rows, {"lots": lots}

    def get_config(self):
        return {**super().get_config(), "num_lots": self.num_lots}


def drawn_triplets():
    """Returns the loss as DVML takes it, with drawn negatives.

    Example:
    >>> drawn_triplets().num_lots
    2
    """
    return DistanceWeightedTriplet(num_lots=2)
