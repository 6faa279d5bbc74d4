"""Multi-similarity loss, with its mining."""

import dataclasses

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.multi_similarity_pairs import EPSILON
from fgkeras.mining.multi_similarity_pairs import multi_similarity_pairs
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.log_one_plus import log_one_plus_sum_exp
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs


@checked(
    alpha=Number(above=0),
    beta=Number(above=0),
    base=Number(),
    epsilon=dataclasses.replace(
        EPSILON, optional=True, hint="`None` keeps all pairs."
    ),
)
def multi_similarity(
    labels,
    embeddings,
    *,
    positives=None,
    alpha=2.0,
    beta=50.0,
    base=0.5,
    epsilon=0.1,
):
    """Weighs all pairs of a batch by how hard they are, softly.

        l_a = 1/alpha log(1 + sum_p exp(-alpha (s_ap - base)))
            + 1/beta  log(1 + sum_n exp( beta  (s_an - base)))

    with cosines `s`, over the pairs that `mining.multi_similarity_pairs`
    keeps. Use it as the first pair loss to try: it needs no margin in
    distances and no choice of triplets.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        alpha: Float above 0, sharpness for positives. Defaults to `2.0`.
        beta: Float above 0, sharpness for negatives. Defaults to `50.0`.
        base: Float, the cosine that separates. Defaults to `0.5`.
        epsilon: Float at least 0, width of mining in cosine; `None` keeps all
            pairs. Defaults to `0.1`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 for anchors without
        positive or without negative.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> x = [[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]]
    >>> loss = multi_similarity(ops.array([0, 0, 1]), ops.array(x))
    >>> [round(float(v), 4) for v in loss]
    [0.0, 0.6787, 0.0]

    Reference:

    - [Wang et al., 2019](https://arxiv.org/abs/1904.06627), equation 16.
    """
    s = unit_normalize(embeddings)
    s = pairwise_similarities(s)
    grades = pair_grades(positives, s.dtype)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    complete = ops.logical_and(
        ops.any(mates, axis=-1), ops.any(negatives, axis=-1)
    )
    if epsilon is not None:
        mates, negatives = multi_similarity_pairs(
            labels,
            ops.stop_gradient(s),
            positives=None if positives is None else mates,
            epsilon=epsilon,
        )
    near = log_one_plus_sum_exp(alpha * (base - s), mates, weights=grades)
    far = log_one_plus_sum_exp(beta * (s - base), negatives)
    value = near / alpha + far / beta
    return ops.where(complete, value, ops.zeros_like(value))


@keras.saving.register_keras_serializable(package="fgkeras")
class MultiSimilarity(MetricLoss):
    """`multi_similarity` as a Keras loss.

    Args:
        alpha: Float above 0, sharpness for positives. Defaults to `2.0`.
        beta: Float above 0, sharpness for negatives. Defaults to `50.0`.
        base: Float, the cosine that separates. Defaults to `0.5`.
        epsilon: Float at least 0, width of mining in cosine; `None` keeps all
            pairs. Defaults to `0.1`.
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
            Also what `multi_similarity` refuses; in a compiled `fit` it gives
            NaN.

    Example:
    >>> loss = MultiSimilarity(epsilon=None)
    >>> x = ops.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]])
    >>> round(float(loss(ops.array([0, 0, 1]), x)), 4)
    0.3325

    Reference:

    - [Wang et al., 2019](https://arxiv.org/abs/1904.06627).
    """

    def __init__(
        self,
        *,
        alpha=2.0,
        beta=50.0,
        base=0.5,
        epsilon=0.1,
        positives=None,
        reduction="sum_over_batch_size",
        name="multi_similarity",
        dtype=None,
    ):
        super().__init__(
            multi_similarity,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            alpha=alpha,
            beta=beta,
            base=base,
            epsilon=epsilon,
        )
