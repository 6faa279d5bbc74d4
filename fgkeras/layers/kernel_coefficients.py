"""The weights of a kernel's orders, trained or fixed."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class KernelCoefficients(keras.layers.Layer):
    """Multiplies every order of a `KernelSketch` by its coefficient.

    A part of `KernelPooling`; alone it learns a kernel on frozen, sketched
    features, which then need not be sketched again.

        y = [a_0 z_0, a_1 z_1, a_2 z_2, ..., a_p z_p]

    Args:
        start: Sequence of `order + 1` floats, the coefficients to start from.
        sketch_dim: Int, numbers of each order from the second on.
        **kwargs: Base layer arguments; `trainable=False` fixes the kernel.

    Call arguments:
        inputs: Float tensor of shape
            `(..., 1 + channels + (order - 1) * sketch_dim)`.

    Output shape:
        As the input.

    Raises:
        ValueError: If `start` is shorter than two.

    Example:
    >>> layer = KernelCoefficients([1.0, 2.0, 3.0], sketch_dim=2)
    >>> np.asarray(layer(np.ones((1, 6), "float32"))).tolist()
    [[1.0, 2.0, 2.0, 2.0, 3.0, 3.0]]
    """

    def __init__(self, start, *, sketch_dim, **kwargs):
        super().__init__(**kwargs)
        if len(start) < 2:
            raise ValueError(
                "`start` must hold a coefficient for the orders 0 and 1 at "
                f"least. Received: start={start}."
            )
        self.start = [float(a) for a in start]
        self.sketch_dim = sketch_dim

    def build(self, input_shape):
        self.alpha = self.add_weight(
            name="alpha",
            shape=(len(self.start),),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                self.start, dtype
            ),
            autocast=False,
        )
        sketched = (len(self.start) - 2) * self.sketch_dim
        channels = input_shape[-1] - 1 - sketched
        self.order_of = np.repeat(
            np.arange(len(self.start), dtype="int32"),
            [1, channels] + [self.sketch_dim] * (len(self.start) - 2),
        )

    def weigh(self, x):
        """Returns the product in the precision of `x`."""
        alpha = ops.cast(self.alpha, x.dtype)
        return x * ops.take(alpha, self.order_of, axis=0)

    def call(self, inputs):
        return ops.cast(self.weigh(full_precision(inputs)), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "start": self.start,
            "sketch_dim": self.sketch_dim,
        }
