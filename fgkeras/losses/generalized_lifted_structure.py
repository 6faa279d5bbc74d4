"""Generalized lifted structured loss: all positives against all negatives."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs


@checked(margin=Number(above=0))
def generalized_lifted_structure(
    labels, embeddings, *, positives=None, margin=1.0
):
    """Returns the smooth batch-hard hinge of each anchor.

        l_a = [log sum_p exp(D(a, p)) + log sum_n exp(margin - D(a, n))]+

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
    >>> x = np.array([[0.0], [1.0], [1.5]], "float32")
    >>> loss = generalized_lifted_structure(np.array([0, 0, 1]), x)
    >>> [round(float(v), 4) for v in loss]
    [0.5, 1.5, 0.0]

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737), equation 4.
    """
    d = pairwise_distances(embeddings)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    reach = masked_logsumexp(d, mates, weights=pair_grades(positives, d.dtype))
    value = ops.relu(reach + masked_logsumexp(margin - d, negatives))
    complete = ops.logical_and(ops.any(mates, -1), ops.any(negatives, -1))
    return ops.where(complete, value, ops.zeros_like(value))


@keras.saving.register_keras_serializable(package="fgkeras")
class GeneralizedLiftedStructure(MetricLoss):
    """Lifted structured loss with one term per anchor.

    Batch-hard with soft maxima: every pair takes part, the hardest most. Use
    it where `TripletHard` is too noisy.

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
            Also what `generalized_lifted_structure` refuses; in a compiled
            `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> loss = GeneralizedLiftedStructure(reduction="sum")
    >>> x = np.array([[0.0], [1.0], [1.5]], "float32")
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    2.0

    Reference:

    - [Hermans et al., 2017](https://arxiv.org/abs/1703.07737).
    """

    def __init__(
        self,
        *,
        margin=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="generalized_lifted_structure",
        dtype=None,
    ):
        super().__init__(
            generalized_lifted_structure,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
        )
