"""Base of the losses that weight classes by their number of images."""

from fgkeras.losses.label_loss import LabelLoss
from fgkeras.ops.class_counts import whole_counts
from fgkeras.ops.effective_number import BETA
from fgkeras.ops.effective_number import class_balanced_weights


class ClassCountedLoss(LabelLoss):
    """Holds class counts, `beta`, and the weights that follow from them.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
        beta: Float in [0, 1].
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Raises:
        ValueError: If a count is no whole number or a class is empty, `beta`
            is out of range, or the dtype is half precision.
    """

    def __init__(self, class_counts, beta, class_names, reduction, name, dtype):
        super().__init__(reduction, name, dtype)
        self.class_counts = tuple(
            whole_counts("class_counts", class_counts).tolist()
        )
        self.beta = BETA.checked("beta", beta)
        self.class_names = None if class_names is None else tuple(class_names)
        # Kept in float64; cast where they meet the logits.
        self.class_weights = class_balanced_weights(
            self.class_counts, self.beta, class_names=self.class_names
        )

    def num_classes_of(self, y_pred):
        return len(self.class_counts)

    def get_config(self):
        names = self.class_names
        return {
            **super().get_config(),
            "class_counts": list(self.class_counts),
            "beta": self.beta,
            "class_names": None if names is None else list(names),
        }
