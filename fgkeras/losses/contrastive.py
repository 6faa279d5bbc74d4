"""Contrastive loss over all pairs of a batch."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_distances
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import shares_of_mean
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.pair_masks import rows_there


@checked(
    margin=Number(above=0),
    positive_margin=Number(
        least=0, hint="Use 0 to pull positives all the way."
    ),
    squared=Flag(),
)
def contrastive(
    labels,
    embeddings,
    *,
    positives=None,
    margin=1.0,
    positive_margin=0.0,
    squared=True,
):
    """Pulls positives together, pushes negatives beyond the margin.

        L = mean_ap [D(a, p) - positive_margin]+^2
            + mean_an [margin - D(a, n)]+^2

    with means over the pairs of the batch whose term is above 0: negatives
    beyond the margin do not thin out the rest. Each value is the share of one
    anchor; their mean is `L`. Without `squared` the terms are not squared.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`; normalize it first if
            only directions should count.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        margin: Float above 0, Euclidean distance. Defaults to `1.0`.
        positive_margin: Float at least 0, Euclidean distance. Defaults to
            `0.0`.
        squared: Bool, whether the terms are squared. Defaults to `True`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64. An anchor that has only
        positives or only negatives uses those.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [0.5], [1.0]], "float32")
    >>> [float(v) for v in contrastive(np.array([0, 0, 1]), x)]
    [0.375, 0.75, 0.375]

    Reference:

    - [Hadsell et al., 2006](https://doi.org/10.1109/CVPR.2006.100).
    """
    d = pairwise_distances(embeddings)
    near, far = terms_of_pairs(
        d, margin=margin, positive_margin=positive_margin, squared=squared
    )
    pull = ops.logical_and(positive_pairs(labels, positives), near > 0)
    push = ops.logical_and(negative_pairs(labels, positives), far > 0)
    grades = pair_grades(positives, d.dtype)
    rows = rows_there(labels, d.dtype)
    near = shares_of_mean(near, pull, rows, grades)
    return near + shares_of_mean(far, push, rows)


def terms_of_pairs(distances, *, margin, positive_margin=0.0, squared=False):
    """Returns what each pair costs, were it a positive and were it a negative.

    Args:
        distances: Float tensor of shape `(n, n)`.
        margin: Float above 0.
        positive_margin: Float at least 0. Defaults to `0.0`.
        squared: Bool, whether the terms are squared. Defaults to `False`.

    Returns:
        Tuple `(near, far)` of tensors of shape `(n, n)`.

    Example:
    >>> near, far = terms_of_pairs(ops.array([[0.25, 2.0]]), margin=1.0)
    >>> near.numpy().tolist(), far.numpy().tolist()
    ([[0.25, 2.0]], [[0.75, 0.0]])
    """
    near = ops.relu(distances - positive_margin)
    far = ops.relu(margin - distances)
    return (near * near, far * far) if squared else (near, far)


@keras.saving.register_keras_serializable(package="fgkeras")
class Contrastive(MetricLoss):
    """Contrastive loss over all pairs of the batch.

    The simplest loss for "same or not": use it when distances should mean the
    same across classes, as for one threshold. The terms are those of
    `ContrastiveLoss` of TensorFlow Addons, which leaves making pairs to the
    caller.

    Args:
        margin: Float above 0, Euclidean distance. Defaults to `1.0`.
        positive_margin: Float at least 0, distance up to which positives are
            left alone. Defaults to `0.0`.
        squared: Bool, whether terms are squared. Defaults to `True`.
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
            Also what `contrastive` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[0.0], [0.5], [1.0]], "float32")
    >>> float(Contrastive()(np.array([0, 0, 1]), x))
    0.5

    Reference:

    - [Hadsell et al., 2006](https://doi.org/10.1109/CVPR.2006.100).
    """

    def __init__(
        self,
        *,
        margin=1.0,
        positive_margin=0.0,
        squared=True,
        positives=None,
        reduction="sum_over_batch_size",
        name="contrastive",
        dtype=None,
    ):
        super().__init__(
            contrastive,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            margin=margin,
            positive_margin=positive_margin,
            squared=squared,
        )
