"""Softmax, sigmoid and focal loss weighted by effective number of samples."""

import keras

from fgkeras.losses.balanced_loss import BalancedLoss
from fgkeras.losses.weighted_cross_entropy import GAMMA
from fgkeras.losses.weighted_cross_entropy import SMOOTHING
from fgkeras.losses.weighted_cross_entropy import focal
from fgkeras.losses.weighted_cross_entropy import sigmoid
from fgkeras.losses.weighted_cross_entropy import softmax
from fgkeras.ops.class_weights import BETA_DEFAULT


class _ClassBalancedLoss(BalancedLoss):
    """A loss over logits; subclasses give `per_image`."""

    def call(self, y_true, y_pred):
        return self.per_image(self.labels_of(y_true, y_pred), y_pred)


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedSoftmax(_ClassBalancedLoss):
    """Softmax cross-entropy weighted by effective number of samples.

    The class-balanced loss to try first on long-tailed data. `beta=0` is plain
    softmax cross-entropy.

        loss = w[y] * (log sum_c exp(z_c) - z_y)

    With `smoothing` e, `(1 - e) z_y + e mean_c z_c` stands for `z_y`.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
            Training images per class, in label order.
        beta: Float in [0, 1]; `0` no weighting, towards `1` inverse frequency.
            Or a sequence of one per class: `1 / (1 - beta)` is the most that a
            class can be worth. Defaults to `0.9999`.
        weighting: `"effective"`, or without `beta` `"inverse"`,
            `"inverse-sqrt"` or `"none"`; see `fgkeras.ops.class_weights`.
            Defaults to `"effective"`.
        smoothing: Float in [0, 1), share of the label that is spread over all
            classes alike. Defaults to `0.0`.
        label_mode: `"integer"`, or `"categorical"`: labels are one-hot rows,
            or soft ones. Defaults to `"integer"`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`. The default is a mean over
            images, not divided by the sum of the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; with
            `label_mode="categorical"` rows of shares of the classes, shape
            `(batch, num_classes)`, at least 0 and summing to 1, as of mixed
            images. Their loss is its expectation, `sum_c t_c loss(c)`.
        y_pred: Logits of shape `(batch, num_classes)`.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`. In nats.

    Raises:
        ValueError: If a count is no whole number or a class is empty, `beta`
            is out of range, the dtype is half precision, the shapes do not
            fit, a label is no class or no row of shares, or a logit is not
            finite. In a compiled `fit`, which cannot raise, such a label gives
            NaN and such a logit what the equation gives: NaN, infinity or its
            limit.

    Example:
    >>> import numpy as np
    >>> loss = ClassBalancedSoftmax([1000, 10], beta=0.99)
    >>> logits = np.array([[2.0, -1.0]], "float32")
    >>> round(float(loss(np.array([0]), logits)), 4)
    0.0085
    >>> round(float(loss(np.array([1]), logits)), 4)
    5.565

    Two images mixed, and their labels alike, as by mixup:

    >>> loss = ClassBalancedSoftmax(
    ...     [1000, 10], beta=0.99, label_mode="categorical"
    ... )
    >>> round(float(loss(np.array([[0.75, 0.25]]), logits)), 4)
    1.3976

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 4.1.
    """

    def __init__(
        self,
        class_counts,
        *,
        beta=BETA_DEFAULT,
        weighting="effective",
        smoothing=0.0,
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_softmax",
        dtype=None,
    ):
        super().__init__(
            class_counts,
            beta,
            weighting,
            class_names,
            reduction,
            name,
            dtype,
            label_mode,
        )
        self.smoothing = SMOOTHING.checked("smoothing", smoothing)

    def per_image(self, labels, logits):
        return softmax(
            labels,
            logits,
            class_weights=self.class_weights,
            smoothing=self.smoothing,
            label_mode=self.label_mode,
        )

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedFocal(_ClassBalancedLoss):
    """Focal loss weighted by effective number of samples.

    Use it on large long-tailed sets such as iNaturalist (there with
    `beta=0.999`, `gamma=0.5`): easy answers count less, by `(1 - p)**gamma`.
    Start the head's bias at `sigmoid_head_bias(num_classes)`.

        loss = w[y] * sum_c (1 - p_c)**gamma * (-log p_c)

    Args:
        class_counts: As in `ClassBalancedSoftmax`, like all but `gamma`.
        beta: Float in [0, 1], or one per class. Defaults to `0.9999`.
        weighting: `"effective"`, `"inverse"`, `"inverse-sqrt"` or `"none"`.
            Defaults to `"effective"`.
        gamma: Float at least 0; `0` is `ClassBalancedSigmoid`. Defaults to
            `1.0`.
        label_mode: `"integer"` or `"categorical"`. Defaults to `"integer"`.
        class_names: `None`, or names in label order.
        reduction: As in `keras.losses.Loss`; never divided by the weights.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Raises:
        ValueError: As `ClassBalancedSoftmax`, or if `gamma` is out of range.

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
        beta=BETA_DEFAULT,
        weighting="effective",
        gamma=1.0,
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_focal",
        dtype=None,
    ):
        super().__init__(
            class_counts,
            beta,
            weighting,
            class_names,
            reduction,
            name,
            dtype,
            label_mode,
        )
        self.gamma = GAMMA.checked("gamma", gamma)

    def per_image(self, labels, logits):
        return focal(
            labels,
            logits,
            class_weights=self.class_weights,
            gamma=self.gamma,
            label_mode=self.label_mode,
        )

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassBalancedSigmoid(_ClassBalancedLoss):
    """One-vs-all cross-entropy weighted by effective number of samples.

    Each class is its own yes/no question, so classes that look alike do not
    have to exclude each other. Start the head's bias at
    `sigmoid_head_bias(num_classes)`, or the negatives drown the first steps.
    Arguments and shapes are those of `ClassBalancedSoftmax`, but `smoothing`.

        loss = w[y] * sum_c -log p_c

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
        beta=BETA_DEFAULT,
        weighting="effective",
        label_mode="integer",
        class_names=None,
        reduction="sum_over_batch_size",
        name="class_balanced_sigmoid",
        dtype=None,
    ):
        super().__init__(
            class_counts,
            beta,
            weighting,
            class_names,
            reduction,
            name,
            dtype,
            label_mode,
        )

    def per_image(self, labels, logits):
        return sigmoid(
            labels,
            logits,
            class_weights=self.class_weights,
            label_mode=self.label_mode,
        )
