"""Softmax, sigmoid and focal loss weighted by effective number of samples."""

import keras
from keras import ops

from fgkeras.ops.effective_number import class_balanced_weights

FULL_PRECISION = ("float32", "float64")


def _lift(logits):
    """Returns `logits` as a tensor of at least float32."""
    logits = ops.convert_to_tensor(logits)
    dtype = keras.backend.standardize_dtype(logits.dtype)
    return logits if dtype in FULL_PRECISION else ops.cast(logits, "float32")


def weight_of_labels(labels, class_weights, dtype):
    """Returns the weight of each label; NaN where no class has that label.

    An impossible label would otherwise train silently on a wrong target.
    """
    weights = ops.cast(ops.convert_to_tensor(class_weights), dtype)
    num_classes = weights.shape[0]
    known = ops.logical_and(labels >= 0, labels < num_classes)
    chosen = ops.take(weights, ops.clip(labels, 0, num_classes - 1), axis=0)
    return ops.where(known, chosen, ops.full_like(chosen, float("nan")))


def _weigh(per_image, labels, num_classes, class_weights):
    if class_weights is None:
        class_weights = ops.ones((num_classes,), per_image.dtype)
    return per_image * weight_of_labels(labels, class_weights, per_image.dtype)


def softmax(labels, logits, class_weights=None):
    """Returns the weighted softmax cross-entropy of each image, in nats.

        loss = w[y] * (log sum_c exp(z_c) - z_y)

    Args:
        labels: Integer tensor of shape `(batch,)`, values in
            `[0, num_classes)`; any other value gives NaN.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Example:
    >>> import numpy as np
    >>> loss = softmax(np.array([0]), np.zeros((1, 4), "float32"))
    >>> round(float(loss[0]), 4)
    1.3863
    """
    logits = _lift(logits)
    labels = ops.cast(labels, "int32")
    is_target = ops.one_hot(labels, logits.shape[-1], dtype="bool")
    log_p = ops.where(is_target, ops.log_softmax(logits, axis=-1), 0.0)
    per_image = -ops.sum(log_p, axis=-1)
    return _weigh(per_image, labels, logits.shape[-1], class_weights)


def focal(labels, logits, class_weights=None, *, gamma=1.0):
    """Returns the weighted one-vs-all focal loss of each image, in nats.

        loss = w[y] * sum_c (1 - p_c)**gamma * (-log p_c)

    with `p_c = sigmoid(z_c)` for `c = y` and `sigmoid(-z_c)` for the others.

    Args:
        labels: Integer tensor of shape `(batch,)`, values in
            `[0, num_classes)`; any other value gives NaN.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`. The
            weight of the true class multiplies all terms of its image.
        gamma: Float at least 0, the focusing exponent. Defaults to `1.0`.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Example:
    >>> import numpy as np
    >>> loss = focal(np.array([0]), np.zeros((1, 4), "float32"), gamma=2.0)
    >>> round(float(loss[0]), 4)
    0.6931

    Reference:

    - [Lin et al., 2017](https://arxiv.org/abs/1708.02002).
    """
    logits = _lift(logits)
    labels = ops.cast(labels, "int32")
    is_target = ops.one_hot(labels, logits.shape[-1], dtype="bool")
    signed = ops.where(is_target, logits, -logits)
    terms = -ops.log_sigmoid(signed)
    if gamma:
        # (1 - p)**gamma in log space: a confident mistake keeps its gradient.
        terms = terms * ops.exp(gamma * ops.log_sigmoid(-signed))
    per_image = ops.sum(terms, axis=-1)
    return _weigh(per_image, labels, logits.shape[-1], class_weights)


def sigmoid(labels, logits, class_weights=None):
    """Returns the weighted one-vs-all cross-entropy of each image, in nats.

        loss = w[y] * sum_c -log p_c

    with `p_c = sigmoid(z_c)` for `c = y` and `sigmoid(-z_c)` for the others:
    `focal` with `gamma = 0`. The sum runs over classes, it is not a mean.

    Args:
        labels: Integer tensor of shape `(batch,)`, values in
            `[0, num_classes)`; any other value gives NaN.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_weights: `None` for 1, or tensor of shape `(num_classes,)`. The
            weight of the true class multiplies all terms of its image.

    Returns:
        Tensor of shape `(batch,)`, float32, or float64 for float64 logits.

    Example:
    >>> import numpy as np
    >>> loss = sigmoid(np.array([0]), np.zeros((1, 4), "float32"))
    >>> round(float(loss[0]), 4)
    2.7726
    """
    return focal(labels, logits, class_weights, gamma=0.0)


class _ClassBalancedLoss(keras.losses.Loss):
    """Checks, weights and config that the class-balanced losses share."""

    def __init__(self, class_counts, beta, class_names, reduction, name, dtype):
        dtype = dtype or full_precision()
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_full_precision(self)
        self.class_counts = tuple(int(n) for n in class_counts)
        self.beta = float(beta)
        self.class_names = None if class_names is None else tuple(class_names)
        # Kept in float64; cast where they meet the logits.
        self.class_weights = class_balanced_weights(
            self.class_counts, self.beta, class_names=self.class_names
        )

    def _checked(self, y_true, y_pred):
        num_classes = len(self.class_counts)
        if y_pred.shape[-1] != num_classes:
            raise ValueError(
                f"`class_counts` holds {num_classes} classes, so the last "
                "axis of `y_pred` must have that size. Received: y_pred of "
                f"shape {tuple(y_pred.shape)}."
            )
        return integer_labels(y_true, y_pred), y_pred

    def get_config(self):
        names = self.class_names
        return {
            **super().get_config(),
            "class_counts": list(self.class_counts),
            "beta": self.beta,
            "class_names": None if names is None else list(names),
            "dtype": self.dtype,
        }


def full_precision():
    """Returns the dtype of losses: float64 if Keras works in it, or float32."""
    return "float64" if keras.config.floatx() == "float64" else "float32"


def check_full_precision(loss):
    """Raises `ValueError` unless `loss` computes in float32 or float64."""
    if loss.dtype not in FULL_PRECISION:
        raise ValueError(
            f"`{type(loss).__name__}` must have dtype float32 or float64: "
            "labels are cast to it, and half precision merges neighbouring "
            f"classes. Received: dtype={loss.dtype}. Leave `dtype` out; half "
            "precision logits are lifted."
        )


def integer_labels(y_true, y_pred):
    """Returns labels `(batch,)` or `(batch, 1)` as int32 `(batch,)`."""
    shape = tuple(y_true.shape)
    if len(shape) > 2 or (len(shape) == 2 and shape[1] not in (1, None)):
        raise ValueError(
            "Labels must be integers of shape (batch,) or (batch, 1). "
            f"Received: y_true of shape {shape} for y_pred of shape "
            f"{tuple(y_pred.shape)}. Turn one-hot rows into integers with "
            "`argmax(axis=-1)`."
        )
    return ops.cast(ops.reshape(y_true, (-1,)), "int32")


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedSoftmax(_ClassBalancedLoss):
    """Softmax cross-entropy weighted by effective number of samples.

    The class-balanced loss to try first on long-tailed data. `beta=0` is plain
    softmax cross-entropy.

        loss = w[y] * (log sum_c exp(z_c) - z_y)

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        beta: Float in [0, 1]; `0` no weighting, towards `1` inverse frequency.
            Defaults to `0.9999`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`. The default is a mean over
            images, not divided by the sum of the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: If a class is empty, `beta` is out of range, the dtype is
            half precision, or the shapes do not fit.

    Example:
    >>> import numpy as np
    >>> loss = ClassBalancedSoftmax([1000, 10], beta=0.99)
    >>> logits = np.array([[2.0, -1.0]], "float32")
    >>> round(float(loss(np.array([0]), logits)), 4)
    0.0085
    >>> round(float(loss(np.array([1]), logits)), 4)
    5.565

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.1.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=0.9999,
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_softmax",
        dtype=None,
    ):
        super().__init__(
            class_counts, beta, class_names, reduction, name, dtype
        )

    def call(self, y_true, y_pred):
        return softmax(*self._checked(y_true, y_pred), self.class_weights)


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedSigmoid(_ClassBalancedLoss):
    """One-vs-all cross-entropy weighted by effective number of samples.

    Each class is its own yes/no question, so classes that look alike do not
    have to exclude each other. Start the head's bias at
    `sigmoid_head_bias(num_classes)`, or the negatives drown the first steps.

        loss = w[y] * sum_c -log p_c

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        beta: Float in [0, 1]; `0` no weighting, towards `1` inverse frequency.
            Defaults to `0.9999`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`; never divided by the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: If a class is empty, `beta` is out of range, the dtype is
            half precision, or the shapes do not fit.

    Example:
    >>> import numpy as np
    >>> loss = ClassBalancedSigmoid([10, 10])
    >>> round(float(loss(np.array([1]), np.zeros((1, 2), "float32"))), 4)
    1.3863

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.2.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=0.9999,
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_sigmoid",
        dtype=None,
    ):
        super().__init__(
            class_counts, beta, class_names, reduction, name, dtype
        )

    def call(self, y_true, y_pred):
        return sigmoid(*self._checked(y_true, y_pred), self.class_weights)


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedFocal(_ClassBalancedLoss):
    """Focal loss weighted by effective number of samples.

    Use it on large long-tailed sets such as iNaturalist (there with
    `beta=0.999`, `gamma=0.5`): easy answers count less, by `(1 - p)**gamma`.
    Start the head's bias at `sigmoid_head_bias(num_classes)`.

        loss = w[y] * sum_c (1 - p_c)**gamma * (-log p_c)

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        beta: Float in [0, 1]; `0` no weighting, towards `1` inverse frequency.
            Defaults to `0.9999`.
        gamma: Float at least 0; `0` is `ClassBalancedSigmoid`. Defaults to
            `1.0`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`; never divided by the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: If a class is empty, a hyperparameter is out of range, the
            dtype is half precision, or the shapes do not fit.

    Example:
    >>> import numpy as np
    >>> loss = ClassBalancedFocal([10, 10], gamma=2.0)
    >>> round(float(loss(np.array([1]), np.zeros((1, 2), "float32"))), 4)
    0.3466

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.3.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=0.9999,
        gamma=1.0,
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_focal",
        dtype=None,
    ):
        super().__init__(
            class_counts, beta, class_names, reduction, name, dtype
        )
        if not gamma >= 0.0:
            raise ValueError(
                f"`gamma` must be at least 0. Received: gamma={gamma}. Use 0 "
                "to treat easy and hard images alike."
            )
        self.gamma = float(gamma)

    def call(self, y_true, y_pred):
        labels, logits = self._checked(y_true, y_pred)
        return focal(labels, logits, self.class_weights, gamma=self.gamma)

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}
