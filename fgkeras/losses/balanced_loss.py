"""Base of the losses that weight classes by their number of images."""

import numpy as np

from fgkeras.losses.class_counted_loss import ClassCountedLoss
from fgkeras.ops.class_weights import WEIGHTINGS
from fgkeras.ops.class_weights import class_weights
from fgkeras.ops.effective_number import checked_beta


class BalancedLoss(ClassCountedLoss):
    """Holds class counts and the weights that follow from them.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
        beta: Float in [0, 1], or one per class.
        weighting: String, as `fgkeras.ops.class_weights` takes it.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.
        label_mode: String, `"integer"` or `"categorical"`. Defaults to
            `"integer"`.

    Attributes:
        class_weights: NumPy `float64` array `(num_classes,)`.

    Raises:
        ValueError: If a count is no whole number or a class is empty, `beta`
            or `weighting` is out of range, or the dtype is half precision.
    """

    def __init__(
        self,
        class_counts,
        beta,
        weighting,
        class_names,
        reduction,
        name,
        dtype,
        label_mode="integer",
    ):
        super().__init__(
            class_counts, class_names, reduction, name, dtype, label_mode
        )
        self.weighting = WEIGHTINGS.checked("weighting", weighting)
        counts = np.array(self.class_counts)
        beta = checked_beta(beta, counts)
        self.beta = list(beta) if isinstance(beta, tuple) else beta
        # Kept in float64; cast where they meet the logits.
        self.class_weights = class_weights(
            counts, weighting=weighting, beta=beta
        )

    def get_config(self):
        return {
            **super().get_config(),
            "beta": self.beta,
            "weighting": self.weighting,
        }


def weights_classes(loss):
    """Returns whether a loss, or one inside of it, weights classes itself.

    Args:
        loss: `keras.losses.Loss`.

    Example:
    >>> import keras
    >>> weights_classes(keras.losses.MeanSquaredError())
    False
    """
    while loss is not None:
        if isinstance(loss, BalancedLoss):
            return True
        loss = getattr(loss, "loss", None)
    return False
