"""What HDML and DVML share: an embedder inside, a loss of its own outside."""

import keras
from keras import layers
from keras import ops

from fgkeras.models import parts
from fgkeras.models.embedders import pooled_part
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import nan_where_wrong
from fgkeras.ops.precision import full_precision


class GenerativeModel(keras.Model):
    """Base of models that train an embedder with generated embeddings.

    `fit` takes images and labels. Called without training, the model is its
    embedder: `predict` gives embeddings, `evaluate` their metric loss.
    Subclasses give `training_loss(labels, outputs)` and
    `metric_loss(labels, embeddings)`.

    Attributes:
        embedder: `keras.Model`, all that is needed after training.
    """

    # Of the labels in training, where the model has a classifier inside.
    num_classes = None

    def __init__(self, embedder, **kwargs):
        super().__init__(**kwargs)
        pooled = pooled_part(embedder)
        self.embedder = embedder
        self.feature_dim = int(pooled.outputs[0].shape[-1])
        self.dim = int(embedder.outputs[0].shape[-1])
        # A function, since Keras would track (and save) the layers once more.
        self._pooled = lambda *args, **kwargs: pooled(*args, **kwargs)
        self._scaled = _Scaled(name="scaled")

    @property
    def head(self):
        """The layer from pooled features to embeddings."""
        return self.embedder.get_layer(parts.EMBEDDING)

    def compile(self, optimizer="adam", loss=None, **kwargs):
        """As `keras.Model.compile`, without a loss: the model has its own.

        Raises:
            ValueError: If a loss is given.
        """
        if loss is not None:
            raise ValueError(
                f"{type(self).__name__} has a loss of its own. Received: "
                f"loss={loss!r}. Choose it where the model is made."
            )
        super().compile(optimizer=optimizer, **kwargs)

    def compile_from_config(self, config):
        # Keras calls an overridden `compile` of a loaded model only from here.
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def call(self, inputs, training=False):
        if not training:
            return self.embedder(inputs, training=False)
        features = self._pooled(inputs, training=True)
        return {
            "embedding": self.head(features, training=True),
            "features": features,
        }

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        if sample_weight is not None:
            raise ValueError(
                f"{type(self).__name__} takes no sample weights: its tuples "
                "mix images. Received: sample_weight."
            )
        # Other classes than those of the training may be evaluated.
        classes = self.num_classes if training else None
        absent = classes is None
        labels = integer_labels(y, classes, absent=absent)
        if training:
            outputs = {k: full_precision(v) for k, v in y_pred.items()}
            loss = self.training_loss(labels, outputs)
        else:
            loss = self.metric_loss(labels, full_precision(y_pred))
        terms = [ops.cast(loss, "float32")]
        terms += [ops.sum(ops.cast(term, "float32")) for term in self.losses]
        # 0, or NaN in a compiled step, where a wrong label cannot raise.
        nothing = ops.zeros_like(labels, dtype="float32")
        wrong = nan_where_wrong(labels, nothing, classes, absent=absent)
        terms.append(ops.sum(wrong))
        return self._scaled(ops.zeros((1,)), ops.reshape(sum(terms), (1,)))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        training = isinstance(y_pred, dict)
        if training:
            y_pred = y_pred["embedding"]
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        # The terms belong to training; the loss of an evaluation says all.
        shown = {} if training else self._means
        return {k: v for k, v in results.items() if k not in shown}

    def _show(self, **numbers):
        """Reports numbers in the logs of `fit`, under their names."""
        for name, number in numbers.items():
            self._means[name].update_state(ops.stop_gradient(number))

    def _show_as(self, *names):
        self._means = {name: keras.metrics.Mean(name=name) for name in names}

    def get_config(self):
        return {
            **super().get_config(),
            "embedder": keras.saving.serialize_keras_object(self.embedder),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        embedder = keras.saving.deserialize_keras_object(
            config["embedder"], custom_objects=custom_objects
        )
        return cls(**{**config, "embedder": embedder})


def generator(dim, feature_dim, hidden, name):
    """Returns a layer from embeddings back to pooled features.

        linear(hidden) -> ReLU -> batch normalization -> linear(feature_dim)

    Args:
        dim: Int, length of the embedding.
        feature_dim: Int, length of the features.
        hidden: Int, units between.
        name: String.

    Returns:
        Built `keras.Sequential`.
    """
    layer = keras.Sequential(
        [
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(feature_dim, dtype="float32", name="features"),
        ],
        name=name,
    )
    layer.build((None, dim))
    return layer


class _Scaled(keras.losses.Loss):
    """Hands a number through, as Keras scales losses over replicas."""

    def call(self, y_true, y_pred):
        return y_pred
