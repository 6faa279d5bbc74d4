"""Base of the losses that know how many training images a class has."""

from fgkeras.losses.checked import check_rows
from fgkeras.losses.label_loss import LabelLoss
from fgkeras.ops.class_counts import filled_counts
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.precision import full_precision


class ClassCountedLoss(LabelLoss):
    """Holds class counts, in the object and in its config.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.

    Raises:
        ValueError: If a count is no whole number or a class is empty, or the
            dtype is half precision.
    """

    def __init__(self, class_counts, class_names, reduction, name, dtype):
        super().__init__(reduction, name, dtype)
        counts = filled_counts(
            "class_counts", class_counts, class_names=class_names
        )
        self.class_counts = tuple(counts.tolist())
        self.class_names = None if class_names is None else tuple(class_names)

    def num_classes_of(self, y_pred):
        return len(self.class_counts)

    def labels_of(self, y_true, y_pred):
        """Returns int32 labels `(batch,)` of logits, one per class.

        Args:
            y_true: What Keras hands to `call`.
            y_pred: Float tensor of shape `(batch, num_classes)`, logits.

        Raises:
            ValueError: If there are other classes than were counted, or labels
                are rows of 0 and 1, or no classes.
        """
        num_classes = len(self.class_counts)
        check_classes(num_classes, y_pred)
        shape = tuple(y_true.shape)
        if len(shape) == 2 and shape[1] == num_classes > 1:
            raise ValueError(
                "Labels must be integers of shape (batch,) or (batch, 1). "
                f"Received: labels of shape {shape}. Turn one-hot rows into "
                "integers with `argmax(axis=-1)`; rows of several 1s are for "
                "`MultiLabelClassBalancedSigmoid` and `...Focal`."
            )
        return integer_labels(y_true, num_classes, absent=False)

    def get_config(self):
        names = self.class_names
        return {
            **super().get_config(),
            "class_counts": list(self.class_counts),
            "class_names": None if names is None else list(names),
        }


def counted(labels, logits, class_counts):
    """Returns what a loss on counted classes takes, checked to fit together.

    Args:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.

    Returns:
        Tuple of int32 labels `(batch,)`, logits in full precision, and counts
        as NumPy `int64` array.

    Raises:
        ValueError: If a class is empty, or labels, logits and counts do not
            fit together.

    Example:
    >>> counted([1], [[0.5, 1.0]], [3, 1])[2].tolist()
    [3, 1]
    """
    counts = filled_counts("class_counts", class_counts)
    rows = integer_labels(labels, absent=False)
    logits = full_precision(logits)
    check_rows(rows, "logits", logits)
    check_classes(counts.size, logits)
    return integer_labels(labels, counts.size, absent=False), logits, counts


def check_classes(num_classes, logits):
    """Raises `ValueError` unless there is one logit for each class counted.

    Args:
        num_classes: Int, length of `class_counts`.
        logits: Tensor, last axis the classes.

    Example:
    >>> from keras import ops
    >>> check_classes(3, ops.zeros((2, 3)))
    """
    if logits.shape[-1] != num_classes:
        raise ValueError(
            f"`class_counts` holds {num_classes} classes, so the last "
            "axis of `y_pred` must have that size. Received: y_pred of "
            f"shape {tuple(logits.shape)}."
        )
