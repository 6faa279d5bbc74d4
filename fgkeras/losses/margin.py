"""Margin loss: pairs against a boundary, negatives weighed by distance."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.distance_weighted import CUTOFF
from fgkeras.mining.distance_weighted import LIMIT
from fgkeras.mining.distance_weighted import distance_weights
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import nan_where_wrong
from fgkeras.ops.masked import masked_count
from fgkeras.ops.masked import masked_sum
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there

NEGATIVES = ("distance_weighted", "uniform")


@checked(
    per_row=("boundary",),
    boundary=Number(above=0),
    alpha=Number(least=0),
    nu=Number(least=0),
    negatives=Choice(NEGATIVES),
    cutoff=CUTOFF,
    limit=LIMIT,
)
def margin(
    labels,
    embeddings,
    *,
    positives=None,
    boundary=1.2,
    alpha=0.2,
    nu=0.0,
    negatives="distance_weighted",
    cutoff=0.5,
    limit=1.4,
):
    """Keeps positives within, and negatives beyond, a boundary distance.

        L = (sum_ap [d_ap - b + alpha]+ + sum_an k_a w_an [b - d_an + alpha]+)
            / number of terms above 0,     k_a = number of positives of a

    with Euclidean distances between unit vectors. `w_an` is the probability
    with which distance-weighted sampling draws negative `n` for a positive of
    anchor `a`: the loss is the expectation over the draws, with their gradient
    and without their noise. Use it, with a learned boundary, where classes
    differ in spread.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        boundary: Float above 0, or float tensor of shape `(batch,)`: the
            distance `b` of each anchor, which may be learned. Defaults to
            `1.2`.
        alpha: Float at least 0, how far either kind must stand off the
            boundary. Defaults to `0.2`.
        nu: Float at least 0, pushes a learned boundary down: adds
            `nu * b` for each anchor. Defaults to `0.0`.
        negatives: `"distance_weighted"`, or `"uniform"` for even `w_an`.
            Defaults to `"distance_weighted"`.
        cutoff: Float in (0, 2), see `mining.distance_weights`. Defaults to
            `0.5`.
        limit: Float in (0, 2), likewise; negatives beyond it have no loss while
            it is at least `boundary + alpha`. Defaults to `1.4`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64, whose mean is `L`; 0
        for anchors without positive or without negative.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> x = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]
    >>> loss = margin(ops.array([0, 0, 1]), ops.array(x))
    >>> [round(float(v), 4) for v in loss]
    [0.6898, 0.8863, 0.0]

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567), equations 4 to 7.
    """
    d = pairwise_distances(unit_normalize(embeddings))
    zero = ops.zeros((), d.dtype)
    others = negative_pairs(labels, positives)
    pairs = positive_pairs(labels, positives)
    complete = ops.logical_and(ops.any(pairs, -1), ops.any(others, -1))
    mates = ops.logical_and(pairs, complete[:, None])
    if negatives == "distance_weighted":
        weights = distance_weights(
            labels,
            d,
            embeddings.shape[-1],
            positives=None if positives is None else pairs,
            cutoff=cutoff,
            limit=limit,
        )
    else:
        weights = ops.cast(others, d.dtype)
        total = ops.sum(weights, axis=-1, keepdims=True)
        weights = weights / ops.maximum(total, zero + 1)
    grades = pair_grades(positives, d.dtype)
    weights = weights * masked_count(
        mates, d.dtype, keepdims=True, weights=grades
    )
    boundary = ops.cast(boundary, d.dtype)
    b = ops.reshape(boundary, (-1, 1))
    near = ops.where(mates, ops.relu(d - b + alpha), zero)
    far = ops.relu(b - d + alpha)
    active = masked_count(near > 0, d.dtype, weights=grades) + masked_sum(
        weights, far > 0
    )
    active = ops.sum(ops.stop_gradient(active))
    value = masked_sum(near, mates, weights=grades) + ops.sum(
        weights * far, axis=-1
    )
    batch = rows_there(labels, d.dtype)
    value = value * (batch / ops.where(active > 0, active, zero + 1))
    return value + ops.where(complete, nu * boundary, zero) if nu else value


@keras.saving.register_keras_serializable(package="fgkeras")
class Margin(MetricLoss):
    """`margin` as a Keras loss.

    The boundary is a number here. To learn it, put `layers.DistanceBoundary`
    behind the embeddings and say `num_boundaries`: the loss then reads it from
    the last columns of `y_pred`.

    Args:
        boundary: Float above 0, not used with `num_boundaries`. Defaults to
            `1.2`.
        alpha: Float at least 0, distance to keep from the boundary. Defaults
            to `0.2`.
        nu: Float at least 0, pushes learned boundaries down. Defaults to
            `0.0`.
        negatives: `"distance_weighted"` or `"uniform"`. Defaults to
            `"distance_weighted"`.
        cutoff: Float in (0, 2), nearer negatives are drawn as if at this
            distance. Defaults to `0.5`.
        limit: Float in (0, 2), farther negatives are not drawn; not below
            `boundary + alpha`. Defaults to `1.4`.
        num_boundaries: Int at least 0, columns of `y_pred` that hold
            boundaries: 0, 1 for one in common, or the number of classes.
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
            `(batch, dim + num_boundaries)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `margin` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> loss = Margin(boundary=1.0)
    >>> x = ops.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    >>> round(float(loss(ops.array([0, 0, 1]), x)), 4)
    0.5254

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567).
    """

    def __init__(
        self,
        *,
        boundary=1.2,
        alpha=0.2,
        nu=0.0,
        negatives="distance_weighted",
        cutoff=0.5,
        limit=1.4,
        num_boundaries=0,
        positives=None,
        reduction="sum_over_batch_size",
        name="margin",
        dtype=None,
    ):
        super().__init__(
            margin,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            boundary=boundary,
            alpha=alpha,
            nu=nu,
            negatives=negatives,
            cutoff=cutoff,
            limit=limit,
        )
        self.num_boundaries = Number(least=0, whole=True).checked(
            "num_boundaries", num_boundaries
        )
        known = getattr(positives, "num_classes", None)
        if positives is not None and self.num_boundaries not in (0, 1, known):
            raise ValueError(
                "A boundary of each class needs labels of one class per image. "
                f"Received: num_boundaries={num_boundaries} with positives="
                f"{type(positives).__name__} of {known} classes. Take one "
                "boundary for all."
            )

    def split(self, labels, y_pred):
        count = self.num_boundaries
        if not count:
            return y_pred, {}
        rows, columns = self.without_columns(
            y_pred, "num_boundaries", count, "DistanceBoundary"
        )
        own = ops.clip(labels, 0, count - 1)[:, None]
        boundary = ops.take_along_axis(columns, own, axis=-1)[:, 0]
        return rows, {"boundary": boundary}

    def call(self, y_true, y_pred):
        values = super().call(y_true, y_pred)
        labels = self.labels_of(y_true, y_pred)
        return nan_where_wrong(labels, values, self.num_classes_of(y_pred))

    def num_classes_of(self, y_pred):
        return self.num_boundaries if self.num_boundaries > 1 else None

    def get_config(self):
        return {**super().get_config(), "num_boundaries": self.num_boundaries}
