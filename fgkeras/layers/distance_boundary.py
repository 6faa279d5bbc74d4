"""A learned boundary distance for the margin loss."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class DistanceBoundary(keras.layers.Layer):
    """Appends learned boundaries to the embeddings.

    Behind the embeddings of a model trained with `Margin`: its last columns
    are the boundary of each class (or one in common), the same in every row.
    They are weights of the model, so they are saved and the optimizer trains
    them. Say the same number to the loss: `Margin(num_boundaries=...)`.

    Args:
        num_boundaries: Int at least 1: 1, or the number of classes. Defaults
            to `1`.
        initial: Float above 0, in distance between unit vectors. Defaults to
            `1.2`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`.

    Output shape:
        `(batch, dim + num_boundaries)`, of the inputs' dtype.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    >>> layer = DistanceBoundary(initial=1.5)
    >>> [float(x) for x in layer(ops.array([[3.0, 4.0]]))[0]]
    [3.0, 4.0, 1.5]

    Reference:

    - [Wu et al., 2017](https://arxiv.org/abs/1706.07567), equation 7.
    """

    def __init__(self, num_boundaries=1, *, initial=1.2, **kwargs):
        super().__init__(autocast=False, **kwargs)
        if num_boundaries < 1:
            raise ValueError(
                "`num_boundaries` must be at least 1. Received: "
                f"num_boundaries={num_boundaries}."
            )
        if not initial > 0:
            raise ValueError(
                f"`initial` must be above 0. Received: initial={initial}."
            )
        self.num_boundaries = int(num_boundaries)
        self.initial = float(initial)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape):
        self.boundaries = self.add_weight(
            name="boundaries",
            shape=(self.num_boundaries,),
            initializer=keras.initializers.Constant(self.initial),
            autocast=False,
        )

    def call(self, inputs):
        inputs = ops.convert_to_tensor(inputs)
        row = ops.cast(self.boundaries, inputs.dtype)[None, :]
        rows = ops.broadcast_to(
            row, (ops.shape(inputs)[0], self.num_boundaries)
        )
        return ops.concatenate([inputs, rows], axis=-1)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape), dtype=inputs.dtype
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] + self.num_boundaries)

    def get_config(self):
        return {
            **super().get_config(),
            "num_boundaries": self.num_boundaries,
            "initial": self.initial,
        }
