"""Lifted structured loss: each positive pair against all its negatives."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.masked import shares_of_mean
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there


@checked(margin=Number(above=0))
def lifted_structure(labels, embeddings, *, positives=None, margin=1.0):
    """Returns the lifted structured loss over all positive pairs.

        J(i, j) = log( sum_n exp(margin - D(i, n))
                       + sum_n exp(margin - D(j, n)) ) + D(i, j)
        L = 1/2 mean_ij [J(i, j)]+^2

    as one value per anchor: the sum over its positives, scaled so that the
    mean over the anchors is `L`.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        margin: Float above 0, Euclidean distance. Defaults to `1.0`.

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
    >>> x = np.array([[0.0], [1.0], [2.0]], "float32")
    >>> loss = lifted_structure(np.array([0, 0, 1]), x)
    >>> [round(float(v), 4) for v in loss]
    [1.2935, 1.2935, 0.0]

    Reference:

    - [Song et al., 2016](https://arxiv.org/abs/1511.06452), equation 4.
    """
    d = pairwise_distances(embeddings)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    rivals = ops.any(negatives, axis=-1)
    # By its own row a positive may have no negatives where its anchor has.
    threat = masked_logsumexp(margin - d, negatives)
    threat = ops.where(rivals, threat, ops.full_like(threat, -1e30))
    # log(e^a + e^b) as a + log(1 + e^(b - a)), which float64 survives on JAX.
    either = threat[:, None] + ops.softplus(threat[None, :] - threat[:, None])
    value = ops.relu(either + d)
    value = ops.where(
        rivals[:, None], 0.5 * value * value, ops.zeros_like(value)
    )
    grades = pair_grades(positives, d.dtype)
    return shares_of_mean(value, mates, rows_there(labels, d.dtype), grades)


@keras.saving.register_keras_serializable(package="fgkeras")
class LiftedStructure(MetricLoss):
    """Lifted structured loss over all positive pairs of the batch.

    `LiftedStructLoss` of TensorFlow Addons. Use it when each positive pair
    should feel every negative of the batch; `GeneralizedLiftedStructure` does
    so with all positives of an anchor at once and is less steep.

    Args:
        margin: Float above 0, Euclidean distance. Defaults to `1.0`.
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
            Also what `lifted_structure` refuses; in a compiled `fit` it gives
            NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [1.0], [2.0]], "float32")
    >>> round(float(LiftedStructure()(np.array([0, 0, 1]), x)), 4)
    0.8623

    Reference:

    - [Song et al., 2016](https://arxiv.org/abs/1511.06452).
    """

    def __init__(
        self,
        *,
        margin=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="lifted_structure",
        dtype=None,
    ):
        super().__init__(
            lifted_structure,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
        )
