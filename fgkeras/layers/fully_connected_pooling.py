"""Two fully connected layers over a whole feature map."""

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="fgkeras")
class FullyConnectedPooling(keras.layers.Layer):
    """Flattens a feature map and puts two dense layers on it.

    How networks were pooled before averages: every location has weights of
    its own, so that the image size is fixed and the weights are many. Use it
    as the baseline of the others.

    Args:
        units: Int at least 1, of both layers. Defaults to `4096`.
        dropout: Float in [0, 1), the rate after each. Defaults to `0.5`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, channels)`.
        training: Bool, whether to drop.

    Input shape:
        `(batch, height, width, channels)`, static but for the batch.

    Output shape:
        `(batch, units)`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> layer = FullyConnectedPooling(16)
    >>> tuple(layer(np.ones((2, 7, 7, 5), "float32")).shape)
    (2, 16)

    Reference:

    - [Simonyan & Zisserman, 2015](https://arxiv.org/abs/1409.1556).
    """

    def __init__(self, units=4096, *, dropout=0.5, **kwargs):
        super().__init__(**kwargs)
        if units < 1 or not 0.0 <= dropout < 1.0:
            raise ValueError(
                "`units` must be at least 1 and `dropout` in [0, 1). "
                f"Received: units={units}, dropout={dropout}."
            )
        self.units = units
        self.dropout = dropout
        self.input_spec = keras.layers.InputSpec(ndim=4)
        policy = self.dtype_policy
        self.parts = [layers.Flatten(dtype=policy)]
        for name in ("first", "second"):
            self.parts += [
                layers.Dense(units, activation="relu", dtype=policy, name=name),
                layers.Dropout(dropout, dtype=policy),
            ]

    def build(self, input_shape):
        shape = input_shape
        for part in self.parts:
            part.build(shape)
            shape = part.compute_output_shape(shape)

    def call(self, inputs, training=False):
        x = inputs
        for part in self.parts:
            if isinstance(part, layers.Dropout):
                x = part(x, training=training)
            else:
                x = part(x)
        return x

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.units

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "dropout": self.dropout,
        }
