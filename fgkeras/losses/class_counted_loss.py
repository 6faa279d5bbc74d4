"""Base of the losses that know how many training images a class has."""

from fgkeras.losses.checked import check_rows
from fgkeras.losses.label_loss import LabelLoss
from fgkeras.losses.label_mode import LABEL_MODE
from fgkeras.losses.label_mode import check_row_type
from fgkeras.losses.label_mode import labels_in
from fgkeras.ops.class_counts import filled_counts
from fgkeras.ops.precision import full_precision


class ClassCountedLoss(LabelLoss):
    """Holds class counts, in the object and in its config.

    Args:
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
        class_names: `None`, or names in label order, used in errors.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.
        label_mode: String, `"integer"` or `"categorical"`. Defaults to
            `"integer"`.

    Raises:
        ValueError: If a count is no whole number or a class is empty, the
            dtype is half precision, or `label_mode` is no such word.
    """

    # Whether an image shows one class, so that there are two ways to say it.
    one_class = True

    def __init__(
        self,
        class_counts,
        class_names,
        reduction,
        name,
        dtype,
        label_mode="integer",
    ):
        super().__init__(reduction, name, dtype)
        if self.one_class:
            self.label_mode = LABEL_MODE.checked("label_mode", label_mode)
        counts = filled_counts(
            "class_counts", class_counts, class_names=class_names
        )
        self.class_counts = tuple(counts.tolist())
        self.class_names = None if class_names is None else tuple(class_names)

    def check_labels(self, y_true, y_pred):
        if self.label_mode == "categorical":
            check_row_type(y_true, len(self.class_counts))
        else:
            super().check_labels(y_true, y_pred)

    def num_classes_of(self, y_pred):
        return len(self.class_counts)

    def labels_of(self, y_true, y_pred):
        """Returns labels of logits, one per class, as `labels_in` does.

        Args:
            y_true: What Keras hands to `call`.
            y_pred: Float tensor of shape `(batch, num_classes)`, logits.

        Raises:
            ValueError: If there are other classes than were counted, or labels
                are not what `label_mode` says, or no classes.
        """
        num_classes = len(self.class_counts)
        check_classes(num_classes, y_pred)
        shape = tuple(y_true.shape)
        rows = len(shape) == 2 and shape[1] == num_classes > 1
        if rows and self.label_mode == "integer":
            raise ValueError(
                "Labels must be integers of shape (batch,) or (batch, 1). "
                f"Received: labels of shape {shape}. One-hot and soft rows are "
                "for `label_mode='categorical'`, or turn them into integers "
                "with `argmax(axis=-1)`; rows of several 1s are for "
                "`MultiLabelClassBalancedSigmoid` and `...Focal`."
            )
        return labels_in(self.label_mode, y_true, num_classes)

    def get_config(self):
        names = self.class_names
        mode = {"label_mode": self.label_mode} if self.one_class else {}
        return {
            **super().get_config(),
            "class_counts": list(self.class_counts),
            "class_names": None if names is None else list(names),
            **mode,
        }


def counted(labels, logits, class_counts, label_mode="integer"):
    """Returns what a loss on counted classes takes, checked to fit together.

    Args:
        labels: Tensor, as `labels_in` takes it.
        logits: Float tensor of shape `(batch, num_classes)`.
        class_counts: Sequence of ints at least 1, shape `(num_classes,)`.
        label_mode: String, `"integer"` or `"categorical"`. Defaults to
            `"integer"`.

    Returns:
        Tuple of labels as `labels_in` gives them, logits in full precision,
        and counts as NumPy `int64` array.

    Raises:
        ValueError: If a class is empty, or labels, logits and counts do not
            fit together.

    Example:
    >>> counted([1], [[0.5, 1.0]], [3, 1])[2].tolist()
    [3, 1]
    """
    counts = filled_counts("class_counts", class_counts)
    rows = labels_in(label_mode, labels)
    logits = full_precision(logits)
    check_rows(rows, "logits", logits)
    check_classes(counts.size, logits)
    return labels_in(label_mode, labels, counts.size), logits, counts


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
