"""Angular loss: bounds the angle at the negative of each triplet."""

import math

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_mean
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.triplets import products_of_positives


@checked(
    alpha=Number(
        above=0,
        most=60,
        hint="Give degrees, not radians; 36 to 55 are usual.",
    )
)
def angular(labels, embeddings, *, positives=None, alpha=40.0):
    """Returns the angular loss of each anchor, meaned over its positives.

        l_a = mean_p log(1 + sum_n exp(4 t (a + p) . n - 2 (1 + t) a . p))
        t = tan(alpha)^2

    on unit vectors. A negative is pushed away from the middle of anchor and
    positive until it sees them under less than `alpha`, whatever their
    distance.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        alpha: Float in (0, 60], degrees. Defaults to `40.0`; 36 to 55 were
            published.

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
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = angular(np.array([0, 0, 1]), x, alpha=45.0)
    >>> [round(float(v), 4) for v in loss]
    [0.0181, 0.0181, 0.0]

    Reference:

    - [Wang et al., 2017](https://arxiv.org/abs/1708.01682), equation 8.
    """
    slope = math.tan(math.radians(alpha)) ** 2
    s = pairwise_similarities(unit_normalize(embeddings))
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    # exp(a n + p n) is a product: the sum over the negatives of an anchor is
    # one matrix product. Cosines reach from -1 to 1, so no power of e leaves
    # float32 up to 60 degrees.
    power = ops.exp(4.0 * slope * s)
    rivals = ops.where(negatives, power, ops.zeros((), s.dtype))
    if positives is None:
        # Rows of one class have the same negatives: few products are needed.
        threat = products_of_positives(labels, rivals)
    else:
        threat = ops.matmul(rivals, ops.transpose(power))
    some = ops.logical_and(mates, threat > 0)
    log_threat = ops.log(ops.where(some, threat, ops.ones_like(threat)))
    value = ops.softplus(log_threat - 2.0 * (1.0 + slope) * s)
    grades = pair_grades(positives, s.dtype)
    return masked_mean(value, some, weights=grades)


@keras.saving.register_keras_serializable(package="fgkeras")
class Angular(MetricLoss):
    """Angular loss over all positive pairs, against all negatives.

    Use it where classes differ in spread: the angle has no scale, unlike a
    margin. Often added to `NPair` with weight 2.

    Args:
        alpha: Float in (0, 60], degrees. Defaults to `40.0`.
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
            Also what `angular` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = Angular(alpha=45.0, reduction="sum")
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    0.0363

    Reference:

    - [Wang et al., 2017](https://arxiv.org/abs/1708.01682).
    """

    def __init__(
        self,
        *,
        alpha=40.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="angular",
        dtype=None,
    ):
        super().__init__(
            angular,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            alpha=alpha,
        )
