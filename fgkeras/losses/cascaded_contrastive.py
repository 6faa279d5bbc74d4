"""Contrastive loss of a cascade of embeddings, shallow to deep."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.contrastive import terms_of_pairs
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.mining.hard_aware_cascade import FRACTIONS
from fgkeras.mining.hard_aware_cascade import cascade_fractions
from fgkeras.mining.hard_aware_cascade import hard_aware_cascade
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.pair_masks import pair_grades


@checked(
    num_levels=Number(least=1, whole=True),
    margin=Number(above=0),
    fraction=FRACTIONS,
    squared=Flag(),
)
def cascaded_contrastive(
    labels,
    embeddings,
    *,
    positives=None,
    num_levels=3,
    margin=1.0,
    fraction=0.5,
    squared=False,
):
    """Trains every level on the pairs that the level before found hard.

    With `D_k` the distance of the parts of level `k`, each of length 1:

        L = sum_k [ sum_{(a,p) in P_k} D_k(a, p)
                    + sum_{(a,n) in N_k} [margin - D_k(a, n)]+ ]

    `P_1` and `N_1` are all pairs of the batch; `P_k+1` are the farthest of
    `P_k` and `N_k+1` the nearest of `N_k` by `D_k`. Each value is the sum over
    the pairs of one anchor; their sum is `L`. With `squared` the terms are
    squared.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, num_levels * dim)`, the
            embeddings of the levels side by side, shallow to deep; each part
            is brought to length 1.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        num_levels: Int at least 1. Defaults to `3`.
        margin: Float above 0, Euclidean distance of vectors of length 1.
            Defaults to `1.0`.
        fraction: Float in (0, 1], or one for each level but the last: the
            share of its pairs, of each kind, that a level passes on. Defaults
            to `0.5`.
        squared: Bool, whether the terms are squared. Defaults to `False`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64.

    Raises:
        ValueError: If a hyperparameter is out of range, the length of the
            embeddings is no multiple of `num_levels`, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0]], "float32")
    >>> found = cascaded_contrastive(np.array([0, 0, 1]), x, num_levels=2)
    >>> [round(float(v), 4) for v in found]
    [3.4142, 1.4142, 2.0]

    Reference:

    - [Yuan et al., 2017](https://arxiv.org/abs/1611.05720), section 3.
    """
    cascade_fractions(fraction, num_levels - 1)
    length = embeddings.shape[-1]
    if length % num_levels:
        raise ValueError(
            f"`embeddings` must have equal parts of {num_levels} levels. "
            f"Received: embeddings of shape {tuple(embeddings.shape)}, "
            f"num_levels={num_levels}."
        )
    dim = length // num_levels
    distances = [
        pairwise_distances(
            unit_normalize(embeddings[:, k * dim : (k + 1) * dim])
        )
        for k in range(num_levels)
    ]
    zero = ops.zeros((), distances[0].dtype)
    grades = pair_grades(positives, distances[0].dtype)
    pairs = hard_aware_cascade(
        labels,
        distances,
        positives=positives if grades is None else grades > 0,
        fraction=fraction,
    )
    total = zero
    for d, (pull, push) in zip(distances, pairs, strict=True):
        near, far = terms_of_pairs(d, margin=margin, squared=squared)
        near = near if grades is None else near * grades
        near, far = ops.where(pull, near, zero), ops.where(push, far, zero)
        total = total + ops.sum(near + far, axis=-1)
    return total


@keras.saving.register_keras_serializable(package="fgkeras")
class CascadedContrastive(MetricLoss):
    """Contrastive loss of levels, each on pairs that were hard before.

    Hard-aware deeply cascaded embedding: use it with `embedder(...,
    levels=...)`, whose shallow levels learn from all pairs and deep ones from
    those that are left. No level is too weak for its pairs, nor so strong that
    all of them are easy. See `cascaded_contrastive` for the equation.

    Args:
        num_levels: Int at least 1. Defaults to `3`.
        margin: Float above 0. Defaults to `1.0`.
        fraction: Float in (0, 1], or one for each level but the last. Defaults
            to `0.5`.
        squared: Bool, whether terms are squared. Defaults to `False`.
        positives: `None`, or what makes the relation of pairs of `y_true` in
            place of the label, such as `mining.SharedLabels()`. Defaults to
            `None`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows. What `positives` takes, where it is given.
        y_pred: Embeddings of shape `(batch, num_levels * dim)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If an argument is out of range or a shape does not fit.
            Also what `cascaded_contrastive` refuses; in a compiled `fit` it
            gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0]], "float32")
    >>> loss = CascadedContrastive(num_levels=2, fraction=1.0)
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    2.9428

    Reference:

    - [Yuan et al., 2017](https://arxiv.org/abs/1611.05720): three levels.
    """

    def __init__(
        self,
        *,
        num_levels=3,
        margin=1.0,
        fraction=0.5,
        squared=False,
        positives=None,
        reduction="sum_over_batch_size",
        name="cascaded_contrastive",
        dtype=None,
    ):
        super().__init__(
            cascaded_contrastive,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            num_levels=num_levels,
            margin=margin,
            fraction=fraction,
            squared=squared,
        )
        cascade_fractions(self.fraction, self.num_levels - 1)
