"""Random numbers for a loss that draws."""

import keras
from keras import ops

from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class UniformLots(keras.layers.Layer):
    """Appends random numbers to the embeddings, drawn anew at each call.

    Behind the embeddings of a model trained with a loss that draws, such as
    `DistanceWeightedTriplet(num_lots=2)`. The state of the generator is among
    the model's variables: a training that goes on from a checkpoint draws what
    it would have drawn.

    Args:
        num_lots: Int at least 1, numbers per row. Defaults to `2`.
        seed: `None` or int. Defaults to `None`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`.

    Output shape:
        `(batch, dim + num_lots)`, float32 or float64.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> row = UniformLots(seed=0)(ops.array([[3.0, 4.0]]))[0]
    >>> [float(x) for x in row[:2]], all(0 <= float(x) < 1 for x in row[2:])
    ([3.0, 4.0], True)
    """

    def __init__(self, num_lots=2, *, seed=None, **kwargs):
        # In half precision there are few numbers below 1.
        super().__init__(autocast=False, **kwargs)
        rule = Number(least=1, whole=True)
        self.num_lots = rule.checked("num_lots", num_lots)
        rule = Number(whole=True, optional=True)
        self.seed = rule.checked("seed", seed)
        self.generator = keras.random.SeedGenerator(self.seed)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def call(self, inputs):
        inputs = full_precision(inputs)
        lots = keras.random.uniform(
            (ops.shape(inputs)[0], self.num_lots),
            dtype=inputs.dtype,
            seed=self.generator,
        )
        return ops.concatenate([inputs, lots], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] + self.num_lots)

    def get_config(self):
        return {
            **super().get_config(),
            "num_lots": self.num_lots,
            "seed": self.seed,
        }
