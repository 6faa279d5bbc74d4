"""The signed square root as a layer."""

import keras
from keras import ops

from fgkeras.ops.signed_square_root import signed_square_root


@keras.saving.register_keras_serializable(package="fgkeras")
class SignedSquareRoot(keras.layers.Layer):
    """Takes the square root of the size of every entry, keeping the sign.

    Use it after bilinear or kernel pooling, before the vectors are scaled to
    one length: it evens out entries that many locations add to.

        y = x / sqrt(|x| + smoothing)

    Args:
        smoothing: Float above 0, in units of the input; the slope at 0 is
            `1 / sqrt(smoothing)` instead of infinite. Defaults to `1e-8`.

    Call arguments:
        inputs: Float tensor.

    Output shape:
        As the input.

    Raises:
        ValueError: If `smoothing` is not positive.

    Example:
    >>> np.asarray(SignedSquareRoot()(np.array([[-4.0, 0.0]]))).tolist()
    [[-2.0, 0.0]]

    Reference:

    - [Lin et al., 2015](https://arxiv.org/abs/1504.07889), section 3.1.
    """

    def __init__(self, smoothing=1e-8, **kwargs):
        super().__init__(**kwargs)
        if not smoothing > 0:
            raise ValueError(
                f"`smoothing` must be above 0. Received: smoothing={smoothing}."
            )
        self.smoothing = smoothing
        self.built = True

    def call(self, inputs):
        y = signed_square_root(inputs, smoothing=self.smoothing)
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}
