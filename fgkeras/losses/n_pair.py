"""N-pair loss: softmax of one positive against all negatives."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.masked import masked_mean
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs
from fgkeras.ops.precision import full_precision


@checked(
    l2=Number(least=0, hint="Use 0 to leave the length of embeddings free.")
)
def n_pair(labels, embeddings, *, positives=None, l2=0.0):
    """Returns the N-pair loss of each anchor, meaned over its positives.

        l_a = mean_p log(1 + sum_n exp(a . n - a . p)) + l2 ||a||^2

    All rows of other classes are negatives. With two rows per class the
    original takes half of them, one per class: for given anchors and
    candidates there is `n_pair_of_tuples`.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, not normalized: their
            length is the sharpness of the softmax.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        l2: Float at least 0, the weight of the squared length. Defaults to
            `0.0`; 0.005 was published.

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
    >>> loss = n_pair(np.array([0, 0, 1]), x)
    >>> [round(float(v), 4) for v in loss]
    [0.3133, 0.3133, 0.0]

    Reference:

    - [Sohn, 2016](https://papers.nips.cc/paper/6200), equation 7.
    """
    s = pairwise_similarities(embeddings)
    mates = positive_pairs(labels, positives)
    negatives = negative_pairs(labels, positives)
    grades = pair_grades(positives, s.dtype)
    threat = masked_logsumexp(s, negatives, keepdims=True)
    value = masked_mean(ops.softplus(threat - s), mates, weights=grades)
    if l2:
        value = value + l2 * ops.sum(
            ops.square(full_precision(embeddings)), axis=-1
        )
    complete = ops.logical_and(ops.any(mates, -1), ops.any(negatives, -1))
    return ops.where(complete, value, ops.zeros_like(value))


@keras.saving.register_keras_serializable(package="fgkeras")
class NPair(MetricLoss):
    """N-pair loss: each positive in a softmax against all negatives.

    Use it on batches of many classes with few rows each, and embeddings that
    are not normalized; then keep their length in check with `l2`.

    Args:
        l2: Float at least 0, the weight of the squared length. Defaults to
            `0.0`.
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
            Also what `n_pair` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> round(float(NPair(reduction="sum")(np.array([0, 0, 1]), x)), 4)
    0.6265

    Reference:

    - [Sohn, 2016](https://papers.nips.cc/paper/6200).
    """

    def __init__(
        self,
        *,
        l2=0.0,
        positives=None,
        reduction="sum_over_batch_size",
        name="n_pair",
        dtype=None,
    ):
        super().__init__(
            n_pair,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            l2=l2,
        )
