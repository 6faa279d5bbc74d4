"""Sigmoid and focal loss of images that show several classes."""

import keras
from keras import ops

from fgkeras.losses.balanced_loss import BalancedLoss
from fgkeras.losses.class_counted_loss import check_classes
from fgkeras.losses.weighted_cross_entropy import GAMMA
from fgkeras.losses.weighted_cross_entropy import checked_weights
from fgkeras.losses.weighted_cross_entropy import one_vs_all
from fgkeras.ops.class_weights import BETA_DEFAULT
from fgkeras.ops.eager_values import eager_values
from fgkeras.ops.finite import check_finite
from fgkeras.ops.precision import full_precision

_KINDS = ("bool", "int", "uint", "float", "bfloat")


def multi_label_focal(labels, logits, *, class_weights=None, gamma=1.0):
    """Returns the focal loss of each image that shows any number of classes.

        loss = w * sum_c (1 - p_c)**gamma * (-log p_c)

    with `p_c = sigmoid(z_c)` for the classes shown and `sigmoid(-z_c)` for the
    others. `w` is the mean weight of the classes shown, 1 where none is. A row
    with a single 1 has the value of `focal`.

    Args:
        labels: Tensor of 0 and 1, shape `(batch, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.
        gamma: Float at least 0, the focusing exponent; `0` is the sigmoid
            cross-entropy. Defaults to `1.0`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: If `gamma` is out of range, shapes do not fit, a label is
            neither 0 nor 1, or a logit or a weight is not finite. In a compiled
            graph, which cannot raise, such a label gives NaN.

    Example:
    >>> import numpy as np
    >>> loss = multi_label_focal([[1, 1, 0]], np.zeros((1, 3), "float32"))
    >>> round(float(loss[0]), 4)
    1.0397

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.2: a
      predictor per class takes several labels as it takes one.
    """
    gamma = GAMMA.checked("gamma", gamma)
    logits = full_precision(logits)
    check_rows_of_classes(labels, logits)
    check_finite("logits", logits)
    rows = ops.cast(labels, logits.dtype)
    shown = rows > 0.5
    per_image = one_vs_all(shown, logits, gamma)
    if class_weights is not None:
        weights = checked_weights(class_weights, logits)
        weights = ops.cast(weights, logits.dtype)
        number = ops.sum(rows, axis=-1)
        mean = ops.sum(rows * weights, axis=-1) / ops.maximum(number, 1.0)
        per_image = per_image * ops.where(number > 0, mean, 1.0)
    right = ops.all(ops.logical_or(rows == 0, rows == 1), axis=-1)
    return ops.where(right, per_image, float("nan"))


def multi_label_sigmoid(labels, logits, *, class_weights=None):
    """Returns the sigmoid cross-entropy of images of any number of classes.

        loss = w * sum_c -log p_c

    `multi_label_focal` with `gamma=0`; see there.

    Args:
        labels: Tensor of 0 and 1, shape `(batch, num_classes)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Raises:
        ValueError: As `multi_label_focal`.

    Example:
    >>> import numpy as np
    >>> loss = multi_label_sigmoid([[1, 1, 0]], np.zeros((1, 3), "float32"))
    >>> round(float(loss[0]), 4)
    2.0794
    """
    return multi_label_focal(
        labels, logits, class_weights=class_weights, gamma=0.0
    )


def check_rows_of_classes(labels, logits):
    """Raises `ValueError` unless there is a row of 0 and 1 for each image.

    Args:
        labels: Tensor or array.
        logits: Tensor of shape `(batch, num_classes)`.

    Raises:
        ValueError: If the type, the shape, or a value where there are any, is
            another.

    Example:
    >>> check_rows_of_classes([[0, 1]], ops.zeros((1, 2)))
    """
    if not hasattr(labels, "shape"):
        labels = ops.convert_to_tensor(labels)
    shape, wanted = tuple(labels.shape), tuple(logits.shape)
    fits = len(shape) == len(wanted) == 2 and all(
        s == w or None in (s, w) for s, w in zip(shape, wanted, strict=True)
    )
    kind = getattr(labels.dtype, "name", None) or str(labels.dtype)
    if not fits or not kind.rpartition(".")[2].startswith(_KINDS):
        raise ValueError(
            "Labels must be rows of 0 and 1, one number for each class. "
            f"Received: labels of shape {shape} and dtype {kind} for logits of "
            f"shape {wanted}. Turn integers into rows with "
            "`keras.ops.one_hot(labels, num_classes)`, swap two "
            "arguments back, or take `ClassBalancedSigmoid`, which is for one "
            "class per image."
        )
    values = eager_values(labels)
    if values is None:
        return
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        row, column = divmod(int(wrong.argmax()), values.shape[1])
        raise ValueError(
            "Labels must be rows of 0 and 1, one number for each class. "
            f"Received: labels[{row}, {column}]={values[row, column]}."
        )


class _MultiLabelLoss(BalancedLoss):
    """A loss of rows of 0 and 1; subclasses give `gamma`."""

    one_class = False
    gamma = 0.0

    def check_labels(self, y_true, y_pred):
        check_classes(len(self.class_counts), y_pred)
        check_rows_of_classes(y_true, y_pred)

    def call(self, y_true, y_pred):
        check_classes(len(self.class_counts), y_pred)
        return multi_label_focal(
            y_true,
            y_pred,
            class_weights=self.class_weights,
            gamma=self.gamma,
        )


@keras.saving.register_keras_serializable(package="fgkeras")
class MultiLabelClassBalancedFocal(_MultiLabelLoss):
    """Class-balanced focal loss of images that show several classes.

    Use it in `model.compile` where a label is a row of 0 and 1. Start the
    head's bias at `sigmoid_head_bias(num_classes)`.

        loss = w * sum_c (1 - p_c)**gamma * (-log p_c)

    `w` is the mean weight of the classes shown, 1 where none is; with one
    class per image it is `ClassBalancedFocal`.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images that show each class.
        beta: Float in [0, 1], or one per class. Defaults to `0.9999`.
        weighting: As in `ClassBalancedSoftmax`. Defaults to `"effective"`.
        gamma: Float at least 0; `0` is `MultiLabelClassBalancedSigmoid`.
            Defaults to `1.0`.
        class_names: `None`, or names in label order.
        reduction: As in `keras.losses.Loss`; never divided by the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: 0 and 1 of shape `(batch, num_classes)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: As `ClassBalancedFocal`; if labels are integers in place of
            rows, or a number in a row is neither 0 nor 1.

    Example:
    >>> import numpy as np
    >>> loss = MultiLabelClassBalancedFocal([10, 10, 10])
    >>> round(float(loss(np.array([[1, 1, 0]]), np.zeros((1, 3)))), 4)
    1.0397

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), sections 4.2, 4.3.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=BETA_DEFAULT,
        weighting="effective",
        gamma=1.0,
        class_names=None,
        reduction="sum_over_batch_size",
        name="multi_label_class_balanced_focal",
        dtype=None,
    ):
        super().__init__(
            class_counts, beta, weighting, class_names, reduction, name, dtype
        )
        self.gamma = GAMMA.checked("gamma", gamma)

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}


@keras.saving.register_keras_serializable(package="fgkeras")
class MultiLabelClassBalancedSigmoid(_MultiLabelLoss):
    """Class-balanced sigmoid loss of images that show several classes.

    Use it in `model.compile` where a label is a row of 0 and 1. Arguments and
    shapes are those of `MultiLabelClassBalancedFocal`, but `gamma`.

        loss = w * sum_c -log p_c

    Example:
    >>> import numpy as np
    >>> loss = MultiLabelClassBalancedSigmoid([10, 10, 10])
    >>> round(float(loss(np.array([[1, 1, 0]]), np.zeros((1, 3)))), 4)
    2.0794

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.2.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=BETA_DEFAULT,
        weighting="effective",
        class_names=None,
        reduction="sum_over_batch_size",
        name="multi_label_class_balanced_sigmoid",
        dtype=None,
    ):
        super().__init__(
            class_counts, beta, weighting, class_names, reduction, name, dtype
        )
