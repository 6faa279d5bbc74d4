"""Recall@K made smooth: ranks and "within the first K" by sigmoids."""

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
from fgkeras.ops.triplets import FAR
from fgkeras.ops.triplets import sum_over_positives

TEMPERATURE = Number(above=0)


@checked(
    largest_k=Number(least=1, whole=True),
    rank_temperature=TEMPERATURE,
    recall_temperature=TEMPERATURE,
)
def recall_at_k(
    labels,
    embeddings,
    *,
    positives=None,
    largest_k=16,
    rank_temperature=0.01,
    recall_temperature=1.0,
):
    """Returns how much of a smooth Recall@K each anchor misses.

        r_ap = 1 + sum_{z != a, p} sigmoid((s_az - s_ap) / rank_temperature)
        l_a  = mean_k [ 1 - sum_p sigmoid((k - r_ap) / recall_temperature)
                            / min(k, number of positives) ]

    with cosines `s`, the rank `r_ap` of a positive among all other rows, and
    `k` = 1, 2, 4, ..., up to `largest_k`. Time is O(batch^2 * largest class),
    memory O(batch^2). The mixing of similarities that the source adds is left
    out.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        largest_k: Int at least 1, the last of the powers of 2. Defaults to
            `16`.
        rank_temperature: Float above 0, in cosine: how sharply one row stands
            before another. Defaults to `0.01`.
        recall_temperature: Float above 0, in ranks: how sharply the first `k`
            end. Defaults to `1.0`.

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
    >>> x = np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]], "float32")
    >>> loss = recall_at_k(np.array([0, 0, 1]), x, largest_k=1)
    >>> [round(float(v), 4) for v in loss]
    [0.5, 0.7311, 0.0]

    Reference:

    - [Patel et al., 2022](https://arxiv.org/abs/2108.11179), section 3.2;
      divided by `min(k, ...)` as in the code of its authors.
    """
    s = pairwise_similarities(unit_normalize(embeddings))
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    complete = ops.logical_and(ops.any(mates, -1), ops.any(negatives, -1))
    grades = pair_grades(positives, s.dtype)
    number = masked_count(mates, s.dtype, weights=grades)
    number = ops.where(complete, number, ops.ones_like(number))
    ks = [2**i for i in range(int(largest_k).bit_length())]

    def step(near, others):
        before = ops.sigmoid((near - others) / rank_temperature)
        slope = before * (1.0 - before) / rank_temperature
        # The positive stands half before itself.
        rank = 0.5 + ops.sum(before, axis=-1)
        there = ops.cast(near[:, 0] > -0.5 * FAR, near.dtype)
        value, falls = 0.0, 0.0
        for k in ks:
            within = ops.sigmoid((k - rank) / recall_temperature)
            weight = there / (ops.minimum(number, k) * len(ks))
            value += weight * within
            falls -= weight * within * (1.0 - within) / recall_temperature
        push = falls[:, None] * slope
        return value, ops.sum(push, axis=-1), push, there

    found, _ = sum_over_positives(
        labels,
        -s,
        step,
        positives=positives,
        rivals=ops.logical_or(mates, negatives),
    )
    return ops.where(complete, 1.0 - found, ops.zeros_like(found))


@keras.saving.register_keras_serializable(package="fgkeras")
class RecallAtK(MetricLoss):
    """Smooth Recall@K over the batch, as a loss.

    Use it on large batches, from a strong start such as a pretrained body: it
    trains what retrieval is measured by, and has next to no gradient where
    positives are far from the first ranks.

    Args:
        largest_k: Int at least 1; `k` = 1, 2, 4, ..., up to it. Defaults to
            `16`.
        rank_temperature: Float above 0, in cosine. Defaults to `0.01`.
        recall_temperature: Float above 0, in ranks. Defaults to `1.0`.
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
            Also what `recall_at_k` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]], "float32")
    >>> loss = RecallAtK(largest_k=1, reduction="sum")
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    1.2311

    Reference:

    - [Patel et al., 2022](https://arxiv.org/abs/2108.11179).
    """

    def __init__(
        self,
        *,
        largest_k=16,
        rank_temperature=0.01,
        recall_temperature=1.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="recall_at_k",
        dtype=None,
    ):
        super().__init__(
            recall_at_k,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            largest_k=largest_k,
            rank_temperature=rank_temperature,
            recall_temperature=recall_temperature,
        )
