"""Mean of the classes' accuracies, while a model is trained."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class MeanPerClassAccuracy(keras.metrics.Metric):
    """Mean over the classes of the share of their images that are right.

    Use it as a metric of `model.compile` on long-tailed data, where accuracy
    speaks of the head alone. Over the classes that have images:

        mean_c (right_c / n_c)

    Args:
        num_classes: Int, the number of classes.
        name: String. Defaults to `"mean_per_class"`.
        dtype: `None`, or the dtype of the result.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`, or rows of
            shape `(batch, num_classes)`, one-hot or soft, of which the largest
            entry is the class.
        y_pred: Scores of shape `(batch, num_classes)`, the largest answers.
        sample_weight: `None`, or weights of shape `(batch,)`; an image of
            weight 0 is not counted.

    Example:

    >>> import numpy as np
    >>> metric = MeanPerClassAccuracy(2)
    >>> metric.update_state([0, 0, 0, 1], np.eye(2)[[0, 0, 1, 1]])
    >>> round(float(metric.result()), 4)
    0.8333
    """

    def __init__(self, num_classes, name="mean_per_class", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.num_classes = num_classes
        shape = (num_classes,)
        self.right = self.add_variable(shape, "zeros", name="right")
        self.seen = self.add_variable(shape, "zeros", name="seen")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.convert_to_tensor(y_true)
        if len(y_true.shape) == 2 and self.num_classes > 1:
            # The width may be known in the graph alone.
            rows = ops.shape(y_true)[1] == self.num_classes
            largest = ops.cast(ops.argmax(y_true, axis=-1), "int32")
            column = ops.cast(y_true[:, 0], "int32")
            y_true = ops.where(rows, largest, column)
        labels = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        answers = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        weights = ops.ones_like(labels, dtype=self.dtype)
        if sample_weight is not None:
            given = ops.cast(sample_weight, self.dtype)
            weights = weights * ops.reshape(given, (-1,))
        right = ops.cast(labels == answers, self.dtype) * weights
        count = self.num_classes
        self.right.assign(self.right + ops.segment_sum(right, labels, count))
        self.seen.assign(self.seen + ops.segment_sum(weights, labels, count))

    def result(self):
        there = ops.cast(self.seen > 0, self.dtype)
        shares = self.right / ops.where(self.seen > 0, self.seen, 1.0)
        classes = ops.maximum(ops.sum(there), 1.0)
        return ops.sum(shares * there) / classes

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes}
