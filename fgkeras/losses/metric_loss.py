"""What the classes around metric losses share."""

import keras
from keras import ops

from fgkeras.losses.label_loss import LabelLoss
from fgkeras.mining.pair_relations import PairRelation


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
        positives: `None`, or what makes the relation of pairs of `y_true` in
            place of the label, where `fn` takes one: a `mining.PairRelation`,
            or a function registered with Keras, from `y_true` to the matrix;
            it need not know of absent rows. Defaults to `None`.
        **hyperparameters: What `fn` takes by name.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows. What `positives` takes, where it is given; rows of -1
            alone are absent then too.
        y_pred: What `fn` takes, one row per image.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If `dtype` is half precision, a hyperparameter is out of
            range, `positives` makes no relation or one with grades that mean
            nothing to `fn`, or `y_pred` does not have one vector per label.
            Also what `fn` refuses; in a compiled `fit`, which cannot raise, it
            gives NaN.
    """

    # Axes that `y_pred` may have.
    ranks = (2,)
    # Whether the second axis of `y_pred` is one of classes.
    has_classes = False

    def __init__(
        self, fn, *, reduction, name, dtype, positives=None, **hyperparameters
    ):
        super().__init__(reduction, name, dtype)
        self._fn = fn
        self.positives = positives
        if positives is not None:
            _check_relation(type(self).__name__, fn.graded, positives)
        self._names = tuple(hyperparameters)
        for key, value in hyperparameters.items():
            setattr(self, key, fn.rules[key].checked(key, value))

    def call(self, y_true, y_pred):
        given = {}
        if self.positives is None:
            labels = self.labels_of(y_true, y_pred)
        else:
            labels, given["positives"] = self.related(y_true, y_pred)
        rows, shape = labels.shape[0], tuple(y_pred.shape)
        fits = len(shape) in self.ranks
        if not fits or (rows or shape[0]) != (shape[0] or rows):
            raise ValueError(
                "`y_pred` must hold one vector per label, shape "
                f"({rows}, dim). Received: y_pred of shape {shape}. Pool or "
                "flatten feature maps first."
            )
        chosen = {key: getattr(self, key) for key in self._names}
        rows, more = self.split(labels, y_pred)
        return self._fn(labels, rows, **{**chosen, **given, **more})

    def split(self, labels, y_pred):
        """Returns what `fn` takes of `y_pred`, and what else by name."""
        return y_pred, {}

    @staticmethod
    def without_columns(y_pred, name, count, layer):
        """Returns the embeddings, and the last columns, which stand for more.

        Args:
            y_pred: Tensor of shape `(batch, dim + count)`.
            name: String, the argument that says how many they are.
            count: Int at least 1.
            layer: String, the layer that puts them there.
        """
        if y_pred.shape[-1] <= count:
            raise ValueError(
                f"`y_pred` must have more columns than `{name}`. Received: "
                f"{name}={count} for y_pred of shape {tuple(y_pred.shape)}. "
                f"Put `{layer}` behind the embeddings."
            )
        return y_pred[:, :-count], y_pred[:, -count:]

    def check_labels(self, y_true, y_pred):
        if self.positives is None:
            super().check_labels(y_true, y_pred)
        elif isinstance(self.positives, PairRelation):
            self.positives.check(y_true)

    def num_classes_of(self, y_pred):
        counted = self.has_classes and len(y_pred.shape) > 1
        return y_pred.shape[1] if counted else None

    def labels_of(self, y_true, y_pred):
        if self.positives is None:
            return super().labels_of(y_true, y_pred)
        if isinstance(self.positives, PairRelation):
            return self.positives.labels(y_true)
        absent = ops.cast(ops.convert_to_tensor(y_true), "float32") == -1
        absent = ops.all(absent, axis=tuple(range(1, len(absent.shape))))
        return ops.where(absent, -1, 0)

    def related(self, y_true, y_pred):
        """Returns labels and the relation of pairs of a batch."""
        return self.labels_of(y_true, y_pred), self.positives(y_true)

    def get_config(self):
        config = {
            **super().get_config(),
            **{key: getattr(self, key) for key in self._names},
        }
        if self._fn.graded is not None:
            config["positives"] = keras.saving.serialize_keras_object(
                self.positives
            )
        return config

    @classmethod
    def from_config(cls, config):
        relation = config.get("positives")
        if relation is not None:
            relation = keras.saving.deserialize_keras_object(relation)
            config = {**config, "positives": relation}
        return cls(**config)


def _check_relation(name, graded, positives):
    if not isinstance(positives, PairRelation) and not callable(positives):
        raise ValueError(
            "`positives` must be a `mining.PairRelation`, or a function from "
            f"`y_true` to a matrix. Received: positives={positives!r}. A "
            "matrix itself is taken by the function of the loss."
        )
    if not graded and getattr(positives, "graded", False):
        raise ValueError(
            f"`{name}` chooses its positives: a grade, which says how often a "
            "pair counts, means nothing there. Received: positives="
            f"{type(positives).__name__} with grades. Take one without, such "
            "as `mining.SameParent` or `mining.SharedLabels()`."
        )
