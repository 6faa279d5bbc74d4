"""Supervised contrastive loss: all positives in one softmax of the batch."""

import keras
from keras import ops

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.ops.distances import pairwise_similarities
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.masked import masked_count
from fgkeras.ops.masked import masked_logsumexp
from fgkeras.ops.masked import masked_mean
from fgkeras.ops.pair_masks import negative_pairs
from fgkeras.ops.pair_masks import pair_grades
from fgkeras.ops.pair_masks import positive_pairs

TEMPERATURE = Number(above=0)


@checked(temperature=TEMPERATURE, form=Choice(("out", "in")))
def sup_con(labels, embeddings, *, positives=None, temperature=0.1, form="out"):
    """Returns the supervised contrastive loss of each anchor.

    With cosines `s` over the temperature, and `A` all other rows of the batch,
    positives among them:

        out    l_a = -mean_p log( exp(s_ap) / sum_{j in A} exp(s_aj) )
        in     l_a = -log mean_p( exp(s_ap) / sum_{j in A} exp(s_aj) )

    `"out"` has the mean outside of the logarithm, `L_out` of the source, and
    is the one that it recommends: every positive is pulled, the far ones most.
    With `"in"`, `L_in`, near positives outshine the others.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        temperature: Float above 0, what cosines are divided by. Defaults to
            `0.1`.
        form: `"out"` or `"in"`. Defaults to `"out"`.

    Returns:
        Tensor of shape `(batch,)`, float32 or float64; 0 for anchors without
        positive.

    Raises:
        ValueError: If a hyperparameter is out of range, a label is no whole
            number of at least -1, an embedding is not finite, or `positives`
            is no relation of the rows. In a compiled graph, which cannot
            raise, such a label, row or grade gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = sup_con(np.array([0, 0, 1]), x, temperature=1.0)
    >>> [round(float(v), 4) for v in loss]
    [0.3133, 0.3133, 0.0]

    Reference:

    - [Khosla et al., 2020](https://arxiv.org/abs/2004.11362), equations 2, 3.
    """
    s = pairwise_similarities(unit_normalize(embeddings)) / temperature
    mates = positive_pairs(labels, positives)
    others = ops.logical_or(mates, negative_pairs(labels, positives))
    grades = pair_grades(positives, s.dtype)
    total = masked_logsumexp(s, others, keepdims=True)
    if form == "out":
        return masked_mean(total - s, mates, weights=grades)
    number = masked_count(mates, s.dtype, weights=grades)
    near = masked_logsumexp(s - total, mates, weights=grades)
    some = ops.any(mates, axis=-1)
    number = ops.where(some, number, ops.ones_like(number))
    return ops.where(some, ops.log(number) - near, ops.zeros_like(near))


@keras.saving.register_keras_serializable(package="fgkeras")
class SupCon(MetricLoss):
    """Supervised contrastive loss over the batch.

    Use it on large batches: it has no margin and needs no choice of pairs, and
    every row of the batch is compared with. See `sup_con` for its two forms.

    Args:
        temperature: Float above 0, what cosines are divided by. Defaults to
            `0.1`.
        form: `"out"` or `"in"`: where the mean over positives stands. Defaults
            to `"out"`.
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
            Also what `sup_con` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = SupCon(temperature=1.0, reduction="sum")
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    0.6265

    Reference:

    - [Khosla et al., 2020](https://arxiv.org/abs/2004.11362).
    """

    def __init__(
        self,
        *,
        temperature=0.1,
        form="out",
        positives=None,
        reduction="sum_over_batch_size",
        name="sup_con",
        dtype=None,
    ):
        super().__init__(
            sup_con,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            temperature=temperature,
            form=form,
        )
