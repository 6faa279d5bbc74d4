"""A model whose batch loss compares with the rows of earlier batches too."""

import keras
from keras import ops

from fgkeras.mining.cross_batch_memory import CrossBatchMemory
from fgkeras.ops.hyperparameter import Number


@keras.saving.register_keras_serializable(package="fgkeras")
class RememberingModel(keras.Model):
    """Trains a model with a memory of earlier batches behind its output.

    Use it where the batch is too small to hold hard negatives: `fit` gives the
    loss the batch and the memory, and takes its values of the batch. Called,
    and in `evaluate`, the model is `model`. The memory is among the variables:
    a training that goes on from a checkpoint goes on with it.

    A loss that is a mean over the pairs of a batch is one over those of batch
    and memory, `(batch + memory_size)^2`, which is also what it costs.

    Args:
        model: `keras.Model` with one output, rows of shape `(batch, dim)`;
            part of the result.
        memory_size: Int at least the size of a batch, rows remembered.
        label_columns: Int at least 0, numbers of a label where it is a row, as
            for `SharedLabels`; 0 for one number. Defaults to `0`.
        name: String.

    Raises:
        ValueError: If `memory_size` is below 1 or a batch does not fit; in
            `compile`, if the loss is none of this library that gives one value
            per image.

    Example:
    >>> import numpy as np
    >>> from fgkeras.losses import Contrastive
    >>> body = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> model = RememberingModel(body, 8)
    >>> model.compile("sgd", Contrastive())
    >>> x, y = np.ones((4, 3), "float32"), np.array([0, 0, 1, 1])
    >>> history = model.fit(x, y, shuffle=False, verbose=0)
    >>> np.asarray(model.memory.labels).tolist()
    [0, 0, 1, 1, -1, -1, -1, -1]

    Note: one device. Each of several would remember its own part.

    Reference:

    - [Wang et al., 2020](https://arxiv.org/abs/1912.06798), algorithm 1.
    """

    def __init__(
        self,
        model,
        memory_size,
        *,
        label_columns=0,
        name="remembering",
        **kwargs,
    ):
        super().__init__(name=name, **kwargs)
        self.model = model
        self.memory = CrossBatchMemory(memory_size, name="memory")
        self.memory_size = self.memory.size
        rule = Number(least=0, whole=True)
        self.label_columns = rule.checked("label_columns", label_columns)
        # At once: a checkpoint is read before the first batch comes.
        columns = [self.label_columns] if self.label_columns else []
        self.memory.build((None, *columns), (None, model.output_shape[-1]))
        self.built = True

    def compile(self, optimizer="rmsprop", loss=None, **kwargs):
        """As `keras.Model.compile`, with a loss that compares rows.

        Raises:
            ValueError: If it does not.
        """
        if not hasattr(loss, "values_of_first"):
            raise ValueError(
                "`loss` must be a batch loss of fgkeras, which says what each "
                f"row is worth beside others. Received: loss={loss!r}."
            )
        super().compile(optimizer=optimizer, loss=loss, **kwargs)

    def compile_from_config(self, config):
        # Keras calls an overridden `compile` of a loaded model only from here.
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    def call(self, inputs, training=False):
        """Returns what `model` does."""
        return self.model(inputs, training=training)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Returns the loss of a batch; in training, beside the memory."""
        if not training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        self.loss.check_labels(y, y_pred)
        values = self.loss.values_of_first(y, y_pred, *self.memory(y, y_pred))
        if sample_weight is not None:
            values = values * ops.cast(sample_weight, values.dtype)
        return sum([ops.mean(values), *self.losses])

    def get_config(self):
        return {
            **super().get_config(),
            "model": keras.saving.serialize_keras_object(self.model),
            "memory_size": self.memory_size,
            "label_columns": self.label_columns,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        model = keras.saving.deserialize_keras_object(
            config["model"], custom_objects=custom_objects
        )
        return cls(**{**config, "model": model})
