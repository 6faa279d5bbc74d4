"""Scales every feature vector to one length."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class ScaledUnitNormalization(keras.layers.Layer):
    """Divides each vector by its Euclidean norm and multiplies by `scale`.

    Use it between frozen features and a linear head: images with strong
    activations then weigh no more than faint ones, and one weight decay suits
    all backbones.

        y = scale * x / sqrt(sum(x ** 2)), or 0 where the sum is below 1e-12

    Args:
        scale: Float above 0, the length of every output vector. Defaults to
            `10.0`.

    Call arguments:
        inputs: Float tensor of shape `(..., units)`.

    Output shape:
        As the input. A zero vector stays zero, with gradient zero.

    Raises:
        ValueError: If `scale` is not positive.

    Example:
    >>> layer = ScaledUnitNormalization(scale=10.0)
    >>> np.asarray(layer(np.array([[3.0, 4.0]], "float32"))).tolist()
    [[6.0, 8.0]]
    """

    def __init__(self, scale=10.0, **kwargs):
        super().__init__(**kwargs)
        if not scale > 0:
            raise ValueError(
                f"`scale` must be above 0. Received: scale={scale}."
            )
        self.scale = scale
        self.built = True

    def call(self, inputs):
        x = inputs
        if keras.backend.standardize_dtype(x.dtype) != "float64":
            x = ops.cast(x, "float32")
        square = ops.sum(x * x, axis=-1, keepdims=True)
        # No direction, no slope: 1 / 1e-6 times a zero would be a steep one.
        inverse = ops.where(
            square > 1e-12, ops.rsqrt(ops.maximum(square, 1e-12)), 0.0
        )
        y = self.scale * x * ops.cast(inverse, x.dtype)
        return ops.cast(y, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}
