"""Batch-hard triplet loss: farthest positive against nearest negative."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.local_positives import NEAREST
from fgkeras.mining.local_positives import near_pairs
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import pairwise_squared_distances
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_max
from fgkeras.ops.masked import masked_min
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import positive_pairs


@checked(
    graded=False,
    margin=Number(above=0),
    soft=Flag(),
    squared=Flag(),
    nearest=NEAREST,
)
def triplet_hard(
    labels,
    embeddings,
    *,
    positives=None,
    margin=1.0,
    soft=False,
    squared=False,
    nearest=1.0,
):
    """Returns the hinge of each anchor's hardest triplet.

        l_a = [max_p D(a, p) - min_n D(a, n) + margin]+

    With `soft`, `log(1 + exp(max_p D(a, p) - min_n D(a, n)))`: no margin, and
    no end to pulling.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)` of booleans or
            0 and 1: who is a positive of each row in place of the rows of its
            label. Defaults to `None`.
        margin: Float above 0, in the unit of the distance. Defaults to `1.0`.
        soft: Bool. Defaults to `False`.
        squared: Bool, whether `D` is the squared Euclidean distance. Defaults
            to `False`.
        nearest: Float in (0, 1], the share of the positives, nearest first,
            that are pulled, see `mining.local_positives`. Defaults to `1.0`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 for anchors without
        positive or without negative.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [2.0], [3.0]], "float32")
    >>> [float(v) for v in triplet_hard(np.array([0, 0, 1]), x)]
    [0.0, 2.0, 0.0]

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737), equation 5.
    """
    fn = pairwise_squared_distances if squared else pairwise_distances
    distances = fn(embeddings)
    mates = near_pairs(labels, distances, nearest, positives=positives)
    if mates is None:
        mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    gap = masked_max(distances, mates) - masked_min(distances, negatives)
    value = ops.softplus(gap) if soft else ops.relu(gap + margin)
    complete = ops.logical_and(ops.any(mates, -1), ops.any(negatives, -1))
    return ops.where(complete, value, ops.zeros_like(value))


@keras.saving.register_keras_serializable(package="fgkeras")
class TripletHard(MetricLoss):
    """Batch-hard triplet loss, one triplet per anchor.

    `TripletHardLoss` of TensorFlow Addons. Use it on clean labels and batches
    of many classes; it can collapse early in training, where `Triplet` or
    `TripletSemiHard` do not.

    Args:
        margin: Float above 0, in the unit of the distance. Defaults to `1.0`.
        soft: Bool, softplus instead of hinge, without margin. Defaults to
            `False`.
        squared: Bool, whether distances are squared. Defaults to `False`.
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
            Also what `triplet_hard` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> loss = TripletHard(reduction="sum")
    >>> x = np.array([[0.0], [2.0], [3.0]], "float32")
    >>> float(loss(np.array([0, 0, 1]), x))
    2.0

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737).
    """

    def __init__(
        self,
        *,
        margin=1.0,
        soft=False,
        squared=False,
        nearest=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="triplet_hard",
        dtype=None,
    ):
        super().__init__(
            triplet_hard,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
            soft=soft,
            squared=squared,
            nearest=nearest,
        )
