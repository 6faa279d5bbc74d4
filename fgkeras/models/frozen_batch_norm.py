"""Batch normalization that keeps its statistics while it trains."""

import keras


@keras.saving.register_keras_serializable(package="fgkeras")
class FrozenBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization in inference mode, also during training.

    Use it in a pretrained body when batches are small, or when the stored
    statistics are not those of a batch. `gamma` and `beta` stay trainable;
    the moving statistics normalize and never change.

    Takes the arguments of `keras.layers.BatchNormalization`.

    Example:
    >>> layer = FrozenBatchNormalization(center=False, epsilon=0.0)
    >>> float(layer(keras.ops.full((1, 1), 5.0), training=True)[0, 0])
    5.0
    """

    def call(self, inputs, training=None, mask=None):
        # Passing `training=False` to the whole model is not enough: Keras
        # overrides it inside a functional model that is being trained.
        return super().call(inputs, training=False, mask=mask)


def freeze_batch_norm(model):
    """Returns a copy of a model whose batch normalization is frozen.

    Args:
        model: Functional `keras.Model`.

    Returns:
        `keras.Model` with the same weights, in variables of its own.

    Example:
    >>> from fgkeras.models.backbones import backbone
    >>> frozen = freeze_batch_norm(backbone("small_cnn", (32, 32, 3)))
    >>> type(frozen.get_layer("block1_bn")).__name__
    'FrozenBatchNormalization'
    """

    def clone(layer):
        kind = type(layer)
        if kind is keras.layers.BatchNormalization:
            kind = FrozenBatchNormalization
        return kind.from_config(layer.get_config())

    twin = keras.models.clone_model(model, clone_function=clone, recursive=True)
    twin.set_weights(model.get_weights())
    return twin
