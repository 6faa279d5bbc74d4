"""What the classes around metric losses share."""

from fgkeras.losses.label_loss import LabelLoss
from fgkeras.ops.labels import integer_labels


class MetricLoss(LabelLoss):
    """A function of labels and embeddings as a Keras loss.

    Base of the classes beside the functions: it keeps the hyperparameters
    under their names, in the object and in its config.

    Args:
        fn: Function `(labels, y_pred, **hyperparameters)` of `checked` that
            gives one value per image; its rules hold here too.
        reduction: As in `keras.losses.Loss`.
        name: String.
        dtype: `None`, `"float32"` or `"float64"`.
        **hyperparameters: What `fn` takes by name.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows.
        y_pred: What `fn` takes, one row per image.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If `dtype` is half precision, a hyperparameter is out of
            range, or `y_pred` does not have one vector per label. Also what
            `fn` refuses; in a compiled `fit`, which cannot raise, it gives NaN.
    """

    # Axes that `y_pred` may have.
    ranks = (2,)
    # Whether the second axis of `y_pred` is one of classes.
    has_classes = False

    def __init__(self, fn, *, reduction, name, dtype, **hyperparameters):
        super().__init__(reduction, name, dtype)
        self._fn = fn
        self._names = tuple(hyperparameters)
        for key, value in hyperparameters.items():
            setattr(self, key, fn.rules[key].checked(key, value))

    def call(self, y_true, y_pred):
        labels = integer_labels(y_true, self.num_classes_of(y_pred))
        rows, shape = labels.shape[0], tuple(y_pred.shape)
        fits = len(shape) in self.ranks
        if not fits or (rows or shape[0]) != (shape[0] or rows):
            raise ValueError(
                "`y_pred` must hold one vector per label, shape "
                f"({rows}, dim). Received: y_pred of shape {shape}. Pool or "
                "flatten feature maps first."
            )
        chosen = {key: getattr(self, key) for key in self._names}
        return self._fn(labels, y_pred, **chosen)

    def num_classes_of(self, y_pred):
        counted = self.has_classes and len(y_pred.shape) > 1
        return y_pred.shape[1] if counted else None

    def get_config(self):
        return {
            **super().get_config(),
            **{key: getattr(self, key) for key in self._names},
        }
