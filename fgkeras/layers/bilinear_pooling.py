"""Bilinear pooling: the mean outer product of a feature map."""

import keras
from keras import ops

from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class BilinearPooling(keras.layers.Layer):
    """Pools a feature map into its mean outer product.

    Exact second-order statistics, `channels**2` numbers: for up to some 500
    channels; `CompactBilinearPooling` sketches them. Put `SignedSquareRoot`
    and `ScaledUnitNormalization` after it.

        z = mean over locations of x x'

    Args:
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, channels)`.

    Output shape:
        `(batch, channels**2)`.

    Example:
    >>> tuple(BilinearPooling()(np.ones((2, 7, 7, 5), "float32")).shape)
    (2, 25)

    Reference:

    - [Lin et al., 2015](https://arxiv.org/abs/1504.07889).
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs):
        x = full_precision(inputs)
        batch, height, width, channels = ops.shape(x)
        x = ops.reshape(x, (batch, height * width, channels))
        gram = ops.matmul(ops.transpose(x, (0, 2, 1)), x)
        gram = gram / ops.cast(height * width, x.dtype)
        return ops.cast(
            ops.reshape(gram, (batch, channels * channels)), self.compute_dtype
        )

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[-1] ** 2
