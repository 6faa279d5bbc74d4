"""Linear layers of the parts of a vector, one embedding from each."""

import keras
from keras import ops

from fgkeras.ops.distances import unit_normalize


@keras.saving.register_keras_serializable(package="fgkeras")
class LevelProjection(keras.layers.Layer):
    """Gives each part of a feature vector an embedding of its own.

    The head of a cascade: the parts are pooled features of several depths of
    one body, side by side. Each has a linear layer, and each result length 1,
    so that every level has the same say in a distance of the whole:

        y = [W_1 x_1 + b_1, ..., W_K x_K + b_K], each part divided by its norm

    Args:
        units: Int at least 1, numbers of each level's embedding.
        lengths: Sequence of ints at least 1, how long the parts are, in their
            order.

    Call arguments:
        inputs: Float tensor of shape `(batch, sum(lengths))`.

    Output shape:
        `(batch, len(lengths) * units)`, of length `sqrt(len(lengths))`. A part
        that is 0 stays 0, with gradient 0.

    Raises:
        ValueError: If a number is out of range, or inputs have another length.

    Example:
    >>> layer = LevelProjection(2, [3, 5])
    >>> y = layer(ops.ones((4, 8)))
    >>> tuple(y.shape), len(layer.trainable_weights)
    ((4, 4), 4)

    Reference:

    - [Yuan et al., 2017](https://arxiv.org/abs/1611.05720), section 3.
    """

    def __init__(self, units, lengths, **kwargs):
        super().__init__(**kwargs)
        for key, numbers in (("units", [units]), ("lengths", list(lengths))):
            if not numbers or any(n < 1 or int(n) != n for n in numbers):
                raise ValueError(
                    f"`{key}` must be whole numbers of at least 1. Received: "
                    f"{key}={units if key == 'units' else lengths!r}."
                )
        self.units = int(units)
        self.lengths = [int(n) for n in lengths]
        self.projections = [
            keras.layers.Dense(
                self.units, dtype=self.dtype_policy, name=f"level_{k}"
            )
            for k in range(1, len(self.lengths) + 1)
        ]

    @property
    def parts(self):
        """List of `(slice, layer)`: where a part is, and what embeds it."""
        ends = [sum(self.lengths[: k + 1]) for k in range(len(self.lengths))]
        return [
            (slice(end - length, end), layer)
            for end, length, layer in zip(
                ends, self.lengths, self.projections, strict=True
            )
        ]

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] != sum(self.lengths):
            raise ValueError(
                f"Inputs must be vectors of {sum(self.lengths)} numbers, the "
                f"sum of `lengths`. Received: shape {tuple(input_shape)}, "
                f"lengths={self.lengths}."
            )
        for length, layer in zip(self.lengths, self.projections, strict=True):
            layer.build((None, length))

    def call(self, inputs):
        found = [unit_normalize(f(inputs[:, part])) for part, f in self.parts]
        found = [ops.cast(x, self.compute_dtype) for x in found]
        return ops.concatenate(found, axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], len(self.lengths) * self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "lengths": list(self.lengths),
        }
