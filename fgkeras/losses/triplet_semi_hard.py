"""Semi-hard triplet loss: the nearest negative beyond each positive."""

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
from fgkeras.ops.masked import masked_count
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there
from fgkeras.ops.triplets import FAR
from fgkeras.ops.triplets import sum_over_positives


@checked(margin=Number(above=0), squared=Flag(), nearest=NEAREST)
def triplet_semi_hard(
    labels,
    embeddings,
    *,
    positives=None,
    margin=1.0,
    squared=False,
    nearest=1.0,
):
    """Returns the semi-hard triplet loss over all positive pairs.

        L = mean_ap [D(a, p) - D(a, n) + margin]+
        n = argmin { D(a, n) : D(a, n) > D(a, p) }, or else the farthest

    as one value per anchor: the sum over its positives, scaled so that the
    mean over the anchors is the mean over the pairs. Time is O(batch^2 *
    largest class), memory O(batch^2).

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`; normalize it first if
            only directions should count.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        margin: Float above 0, in the unit of the distance. Defaults to `1.0`.
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
    >>> x = np.array([[0.0], [2.0], [2.5], [7.0]], "float32")
    >>> [float(v) for v in triplet_semi_hard(np.array([0, 0, 1, 2]), x)]
    [1.0, 0.0, 0.0, 0.0]

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), section 3.2.
    """
    fn = pairwise_squared_distances if squared else pairwise_distances
    distances = fn(embeddings)
    columns = ops.arange(ops.shape(distances)[0], dtype="int32")

    def step(near, negatives):
        beyond = ops.where(negatives > near, negatives, FAR)
        nearest = ops.argmin(beyond, axis=-1)[:, None]
        rivals = ops.where(negatives < FAR, negatives, -FAR)
        farthest = ops.argmax(rivals, axis=-1)[:, None]
        some = ops.take_along_axis(beyond, nearest, axis=1) < FAR
        chosen = ops.where(some, nearest, farthest)
        gap = near - ops.take_along_axis(negatives, chosen, axis=1)
        value = ops.relu(gap + margin)
        active = ops.cast(value > 0, near.dtype)
        push = ops.where(
            ops.equal(columns, ops.cast(chosen, "int32")), active, 0.0
        )
        return value[:, 0], active[:, 0], push, active[:, 0]

    near = near_pairs(labels, distances, nearest, positives=positives)
    values, _ = sum_over_positives(
        labels, distances, step, positives=positives, pairs=near
    )
    pairs = masked_count(
        positive_pairs(labels, positives) if near is None else near,
        distances.dtype,
        None,
        weights=pair_grades(positives, distances.dtype),
    )
    rows = rows_there(labels, distances.dtype)
    return values * (rows / ops.where(pairs > 0, pairs, 1.0))


@keras.saving.register_keras_serializable(package="fgkeras")
class TripletSemiHard(MetricLoss):
    """Semi-hard triplet loss, one triplet per positive pair.

    `TripletSemiHardLoss` of TensorFlow Addons, in O(batch^2) memory. The
    steady choice for triplets: no collapse on the hardest, no time lost on the
    easiest.

    Args:
        margin: Float above 0, in the unit of the distance. Defaults to `1.0`;
            0.2 with squared distances of unit vectors was published.
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
            Also what `triplet_semi_hard` refuses; in a compiled `fit` it gives
            NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [2.0], [2.5], [7.0]], "float32")
    >>> float(TripletSemiHard()(np.array([0, 0, 1, 2]), x))
    0.25

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832).
    """

    def __init__(
        self,
        *,
        margin=1.0,
        squared=False,
        nearest=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="triplet_semi_hard",
        dtype=None,
    ):
        super().__init__(
            triplet_semi_hard,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
            squared=squared,
            nearest=nearest,
        )
