"""InfoNCE: each positive pair in a softmax against its anchor's negatives."""

import math

import keras

from fgkeras.losses.checked import checked
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.losses.n_pair import n_pair
from fgkeras.losses.sup_con import TEMPERATURE
from fgkeras.ops.distances import unit_normalize


@checked(temperature=TEMPERATURE)
def info_nce(labels, embeddings, *, positives=None, temperature=0.1):
    """Returns the InfoNCE of each anchor, meaned over its positives.

        l_a = -mean_p log( exp(s_ap) / (exp(s_ap) + sum_n exp(s_an)) )

    with cosines `s` over the temperature. Other positives of the anchor stay
    out of the softmax, in which `sup_con` has them. It is `n_pair` of unit
    vectors, with the temperature for a length.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        embeddings: Float tensor of shape `(batch, dim)`, of any length.
        positives: `None`, or tensor of shape `(batch, batch)`: who is a
            positive of each row in place of the rows of its label; floats are
            grades from 0 to 1, how often a pair counts. Defaults to `None`.
        temperature: Float above 0, what cosines are divided by. Defaults to
            `0.1`.

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
    >>> x = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = info_nce(np.array([0, 0, 1]), x, temperature=1.0)
    >>> [round(float(v), 4) for v in loss]
    [0.3133, 0.3133, 0.0]

    Reference:

    - [van den Oord et al., 2018](https://arxiv.org/abs/1807.03748), equation
      4; with labels and unit vectors as in
      [Chen et al., 2020](https://arxiv.org/abs/2002.05709), equation 1.
    """
    unit = unit_normalize(embeddings) * math.sqrt(1.0 / temperature)
    return n_pair(labels, unit, positives=positives)


@keras.saving.register_keras_serializable(package="fgkeras")
class InfoNCE(MetricLoss):
    """InfoNCE over all positive pairs of the batch.

    Use it as `SupCon`, where several positives of an anchor should not compete
    with each other; with two images per class, or two views of an image as a
    class of its own, it is the loss of contrastive pre-training.

    Args:
        temperature: Float above 0, what cosines are divided by. Defaults to
            `0.1`.
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
            Also what `info_nce` refuses; in a compiled `fit` it gives NaN.

    Example:
    >>> import numpy as np
    >>> x = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]], "float32")
    >>> loss = InfoNCE(temperature=1.0, reduction="sum")
    >>> round(float(loss(np.array([0, 0, 1]), x)), 4)
    0.6265

    Reference:

    - [van den Oord et al., 2018](https://arxiv.org/abs/1807.03748).
    """

    def __init__(
        self,
        *,
        temperature=0.1,
        positives=None,
        reduction="sum_over_batch_size",
        name="info_nce",
        dtype=None,
    ):
        super().__init__(
            info_nce,
            reduction=reduction,
            name=name,
            dtype=dtype,
            positives=positives,
            temperature=temperature,
        )
