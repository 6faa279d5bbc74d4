"""A learned scale of each class's logit."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassScale(keras.layers.Layer):
    """Multiplies the logit of each class by a learned number.

    Use it behind a trained head that stays as it is, trained on balanced
    batches: learnable weight scaling. A class of few images has a short weight
    vector and small logits; only its length is learned anew.

        z'_c = s_c * z_c,    s_c = 1 at the start

    Call arguments:
        inputs: Float tensor of shape `(..., num_classes)`.

    Output shape:
        As the input.

    Example:
    >>> layer = ClassScale()
    >>> np.asarray(layer(np.array([[2.0, -1.0]], "float32"))).tolist()
    [[2.0, -1.0]]
    >>> len(layer.get_weights()[0])
    2

    Reference:

    - [Kang et al., 2020](https://arxiv.org/abs/1910.09217), section 4.4.
    """

    def build(self, input_shape):
        self.scale = self.add_weight(
            shape=(input_shape[-1],), initializer="ones", name="scale"
        )

    def call(self, inputs):
        return inputs * ops.cast(self.scale, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape
