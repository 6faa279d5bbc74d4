"""Logits that are cosines with a weight vector of each class."""

import math

import keras
from keras import ops

from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class CosineLogits(keras.layers.Layer):
    """Gives the scaled cosine of each vector to the weights of each class.

    Use it as the head of a classifier in place of a linear layer: no class can
    win by longer weights or a larger bias, as frequent ones do on long tails.
    `LDAM` measures its margins in these cosines.

        z_ic = scale * (x_i . w_c) / (||x_i|| ||w_c||)

    Args:
        units: Int at least 1, number of classes.
        scale: Float above 0: a softmax of C classes needs more than `log(C)`
            to become certain. Defaults to `30.0`.
        learn_scale: Bool, whether the scale is learned, from `scale` on.
            Defaults to `False`.
        kernel_initializer: Initializer of the matrix `(dim, units)`, of which
            only directions matter. Defaults to `"glorot_uniform"`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`, of any length.

    Output shape:
        `(batch, units)`; float32 or float64 under a half precision policy too.
        A zero vector gives logits 0, with gradient zero.

    Raises:
        ValueError: If a number is out of range.

    Example:
    >>> layer = CosineLogits(1, scale=10.0, kernel_initializer="ones")
    >>> x = ops.convert_to_tensor([[3.0, 4.0]])
    >>> round(float(layer(x)[0, 0]), 3)
    9.899

    Reference:

    - [Cao et al., 2019](https://arxiv.org/abs/1906.07413), section 3.2;
      learned: [Gidaris & Komodakis, 2018](https://arxiv.org/abs/1804.09458).
    """

    # Nothing is added: what looks for the bias of a head finds none.
    bias = None

    def __init__(
        self,
        units,
        *,
        scale=30.0,
        learn_scale=False,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        if units != int(units) or units < 1:
            raise ValueError(
                "`units` must be a whole number of at least 1. Received: "
                f"units={units}."
            )
        if not 0 < scale < math.inf:
            raise ValueError(
                f"`scale` must be above 0. Received: scale={scale}."
            )
        self.units = int(units)
        self.scale = float(scale)
        self.learn_scale = bool(learn_scale)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
            autocast=False,
        )
        if self.learn_scale:
            # Its logarithm, so that it stays above 0.
            self.log_scale = self.add_weight(
                name="log_scale",
                shape=(),
                initializer=keras.initializers.Constant(math.log(self.scale)),
                autocast=False,
            )

    def call(self, inputs):
        x = unit_normalize(full_precision(inputs))
        kernel = unit_normalize(ops.convert_to_tensor(self.kernel), axis=0)
        scale = self.scale
        if self.learn_scale:
            scale = ops.cast(ops.exp(self.log_scale), x.dtype)
        return ops.matmul(scale * x, ops.cast(kernel, x.dtype))

    def compute_output_spec(self, inputs):
        double = keras.backend.standardize_dtype(inputs.dtype) == "float64"
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape),
            dtype="float64" if double else "float32",
        )

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.units

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "scale": self.scale,
            "learn_scale": self.learn_scale,
            "kernel_initializer": keras.initializers.serialize(
                self.kernel_initializer
            ),
        }
