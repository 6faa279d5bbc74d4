"""Losses on batches whose rows are triplets: anchor, positive, negative."""

import keras
from keras import ops

from fgkeras.losses.label_loss import of_values
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.precision import full_precision

MARGIN = Number(above=0)


def listed_triplets(embeddings, *, margin=0.2):
    """Hinge of each triplet on squared distances.

        l_t = max(0, |a_t - p_t|^2 - |a_t - n_t|^2 + margin)

    Use it where triplets were chosen beforehand, as quasi-online sampling
    does; losses that choose inside of the batch are `triplet_*`.

    Args:
        embeddings: Float tensor of shape `(3 * num_triplets, dim)`, rows in
            the order anchor, positive, negative, anchor, ...
        margin: Float above 0, in squared distance. Defaults to `0.2`, meant
            for embeddings of length 1.

    Returns:
        Float tensor of shape `(num_triplets,)`, at least float32.

    Raises:
        ValueError: If the number of rows is known and no multiple of 3, or
            `margin` is not above 0.

    Example:
    >>> import numpy as np
    >>> rows = np.array([[0.0], [1.0], [2.0]], "float32")
    >>> [float(x) for x in listed_triplets(rows, margin=3.5)]
    [0.5]

    Reference:

    - [Schroff et al., 2015](https://arxiv.org/abs/1503.03832), equation 2.
    """
    margin = MARGIN.checked("margin", margin)
    rows = embeddings.shape[0]
    if rows is not None and rows % 3:
        raise ValueError(
            "`embeddings` must have three rows per triplet: anchor, positive, "
            f"negative. Received: embeddings of shape {embeddings.shape}."
        )
    x = full_precision(embeddings)
    x = ops.reshape(x, (-1, 3, x.shape[-1]))
    anchors = x[:, 0]
    positive = ops.sum(ops.square(anchors - x[:, 1]), axis=-1)
    negative = ops.sum(ops.square(anchors - x[:, 2]), axis=-1)
    return ops.relu(positive - negative + margin)


@keras.saving.register_keras_serializable(package="fgkeras")
class ListedTriplets(keras.losses.Loss):
    """`listed_triplets` as a Keras loss; the labels are not looked at.

    `ClassBalanced` around it weights each triplet by its anchor's class. Sample
    weights are those of rows, of which the anchor's counts.

    Args:
        margin: Float above 0. Defaults to `0.2`.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: As in `keras.losses.Loss`.

    Call arguments:
        y_true: Anything of as many rows as `y_pred`.
        y_pred: Embeddings of shape `(3 * num_triplets, dim)`.

    Returns:
        Scalar, or shape `(num_triplets,)` with `reduction=None`.

    Raises:
        ValueError: If `margin` is not above 0.

    Example:
    >>> ListedTriplets(margin=0.1).margin
    0.1
    """

    rows_per_value = 3

    def __init__(
        self,
        *,
        margin=0.2,
        reduction="sum_over_batch_size",
        name="listed_triplets",
        dtype=None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.margin = MARGIN.checked("margin", margin)

    def __call__(self, y_true, y_pred, sample_weight=None):
        weight = of_values(sample_weight, self.rows_per_value)
        return super().__call__(y_true, y_pred, weight)

    def call(self, y_true, y_pred):
        return listed_triplets(y_pred, margin=self.margin)

    def get_config(self):
        return {
            **super().get_config(),
            "margin": self.margin,
            "dtype": self.dtype,
        }
