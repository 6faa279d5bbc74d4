"""A factor and an offset for the logit of every class."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassAffine(keras.layers.Layer):
    """Scales and shifts the logit of each class by numbers of its own.

        z'_c = scale_c z_c + offset_c

    Use it behind a trained classifier, for what
    `fgkeras.evaluation.logit_adjustment` and `tau_normalization` give. The
    numbers are part of the config: nothing of it is trained.

    Args:
        scale: Sequence of `num_classes` finite floats.
        offset: Sequence of as many.
        **kwargs: Base layer arguments, such as `name`.

    Call arguments:
        inputs: Float tensor of shape `(..., num_classes)`.

    Output shape:
        As the input.

    Raises:
        ValueError: If they are not of one length, or not finite.

    Example:
    >>> layer = ClassAffine([1.0, 2.0], [0.0, -3.0])
    >>> np.asarray(layer(np.array([[5.0, 5.0]], "float32"))).tolist()
    [[5.0, 7.0]]
    """

    def __init__(self, scale, offset, **kwargs):
        super().__init__(**kwargs)
        scale, offset = np.asarray(scale, float), np.asarray(offset, float)
        both = np.stack([scale, offset]) if scale.shape == offset.shape else []
        if np.ndim(both) != 2 or not np.isfinite(both).all():
            raise ValueError(
                "`scale` and `offset` must be one finite number per class. "
                f"Received: scale={scale}, offset={offset}."
            )
        self.scale, self.offset = scale.tolist(), offset.tolist()

    def call(self, inputs):
        scale = ops.cast(np.array(self.scale), inputs.dtype)
        return inputs * scale + ops.cast(np.array(self.offset), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "scale": self.scale,
            "offset": self.offset,
        }
