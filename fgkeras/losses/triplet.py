"""Triplet loss over all violating triplets of a batch."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.local_positives import NEAREST
from fgkeras.mining.local_positives import near_pairs
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import pairwise_squared_distances
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_count
from fgkeras.ops.masked import masked_sum
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there
from fgkeras.ops.triplets import sum_over_positives


def _hinge(gap, margin):
    excess = ops.maximum(gap + margin, 0.0)
    active = ops.cast(excess > 0, gap.dtype)
    return excess, active, active


def _squared_hinge(gap, margin):
    excess = ops.maximum(gap + margin, 0.0)
    return excess * excess, 2.0 * excess, ops.cast(excess > 0, gap.dtype)


def _soft(gap, margin):
    every = ops.cast(ops.abs(gap) < 1e29, gap.dtype)
    return ops.softplus(gap + margin), ops.sigmoid(gap + margin), every


def _ratio(gap, margin):
    active = ops.cast(gap + margin > 0, gap.dtype)
    share = ops.sigmoid(gap)
    return (
        2.0 * share * active,
        2.0 * share * ops.sigmoid(-gap) * active,
        active,
    )


def _squared_ratio(gap, margin):
    active = ops.cast(gap + margin > 0, gap.dtype)
    share = ops.sigmoid(gap)
    value = 2.0 * share * share * active
    return value, 2.0 * value * ops.sigmoid(-gap), active


# (gap, margin) -> value, slope, number of triplets.
VARIANTS = {
    "hinge": _hinge,
    "squared_hinge": _squared_hinge,
    "soft": _soft,
    "ratio": _ratio,
    "squared_ratio": _squared_ratio,
}


@checked(
    margin=Number(above=0),
    variant=Choice((*VARIANTS, "two_sided")),
    squared=Flag(),
    nearest=NEAREST,
)
def triplet(
    labels,
    embeddings,
    *,
    positives=None,
    margin=0.2,
    variant="hinge",
    squared=True,
    nearest=1.0,
):
    """Returns the triplet loss over all triplets that violate the margin.

    With `x = D(a, p) - D(a, n)`, the mean over the triplets of the batch with
    `x + margin > 0` ("soft": over all triplets) of

        hinge           x + margin
        squared_hinge   (x + margin)^2
        soft            log(1 + exp(x + margin))
        two_sided       D(a, p) + log(exp(margin - D(a, n))
                                      + exp(margin - D(p, n)))
        ratio           2 s,    s = exp(D(a, p)) / (exp(D(a, p)) + exp(D(a, n)))
        squared_ratio   2 s^2

    as one value per anchor: the sum of its triplets, scaled so that the mean
    over the anchors is the mean over the triplets. Time is O(batch^2 * largest
    class), memory O(batch^2); "two_sided" takes O(batch^3) of both.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`; normalize it first if
            only directions should count.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        margin: Float above 0, in the unit of the distance. Defaults to `0.2`.
        variant: `"hinge"`, `"squared_hinge"`, `"soft"`, `"ratio"`,
            `"squared_ratio"`, or `"two_sided"`, in which the positive pushes
            the negative away, too. Defaults to `"hinge"`.
        squared: Bool, whether `D` is the squared Euclidean distance. Defaults
            to `True`; ratios and "two_sided" were proposed with `False`.
        nearest: Float in (0, 1], the share of the positives, nearest first,
            that are pulled, see `mining.local_positives`. Defaults to `1.0`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 for anchors without
        violating triplets.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [1.0], [1.5]], "float32")
    >>> [float(v) for v in triplet(np.array([0, 0, 1]), x, margin=0.5)]
    [0.0, 3.75, 0.0]

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), hinge on
      squared distances.
    - [Hoffer & Ailon, 2015](https://arxiv.org/abs/1412.6622), the
      squared ratio, over given triplets.
    - [Song et al., 2016](https://arxiv.org/abs/1511.06452), the two sides.
    """
    fn = pairwise_squared_distances if squared else pairwise_distances
    distances = fn(embeddings)
    rows = rows_there(labels, distances.dtype)
    near = near_pairs(labels, distances, nearest, positives=positives)
    if variant == "two_sided":
        pairs = positive_pairs(labels, positives) if near is None else near
        values, count = _two_sided(labels, distances, margin, positives, pairs)
        return values * (rows / ops.where(count > 0, count, 1.0))
    form = VARIANTS[variant]

    def step(near, negatives):
        value, slope, active = form(near - negatives, margin)
        total = ops.sum(slope, axis=-1)
        return ops.sum(value, -1), total, slope, ops.sum(active, axis=-1)

    values, count = sum_over_positives(
        labels, distances, step, positives=positives, pairs=near
    )
    count = ops.sum(count)
    return values * (rows / ops.where(count > 0, count, 1.0))


def _two_sided(labels, distances, margin, positives, pairs):
    """Sums over each anchor's violating triplets, and how many there are."""
    near, far = distances[:, :, None], distances[:, None, :]
    violates = ops.logical_and(
        ops.logical_and(
            pairs[:, :, None],
            negative_pairs(labels, positives)[:, None, :],
        ),
        far < near + margin,
    )
    # log(e^a + e^b) as a + log(1 + e^(b - a)), which float64 survives on JAX.
    value = near + margin - far + ops.softplus(far - distances[None, :, :])
    grades = pair_grades(positives, distances.dtype)
    if grades is not None:
        grades = grades[:, :, None]
    count = masked_count(violates, distances.dtype, None, weights=grades)
    return masked_sum(value, violates, (1, 2), weights=grades), count


@keras.saving.register_keras_serializable(package="fgkeras")
class Triplet(MetricLoss):
    """Triplet loss over all violating triplets of the batch.

    The first metric loss to try on batches of several images per class; see
    `triplet` for the equations. "soft" never stops pulling, the others leave
    triplets alone that keep the margin.

    Args:
        margin: Float above 0, in the unit of the distance. Defaults to `0.2`.
        variant: `"hinge"`, `"squared_hinge"`, `"soft"`, `"ratio"`,
            `"squared_ratio"` or `"two_sided"`. Defaults to `"hinge"`.
        squared: Bool, whether distances are squared. Defaults to `True`.
        nearest: Float in (0, 1], the share of the positives, nearest first,
            that are pulled. Defaults to `1.0`.
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
            Also what `triplet` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> loss = Triplet(margin=0.5)
    >>> x = np.array([[0.0], [1.0], [1.5]], "float32")
    >>> float(loss(np.array([0, 0, 1]), x))
    1.25
    """

    def __init__(
        self,
        *,
        margin=0.2,
        variant="hinge",
        squared=True,
        nearest=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="triplet",
        dtype=None,
    ):
        super().__init__(
            triplet,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
            variant=variant,
            squared=squared,
            nearest=nearest,
        )
