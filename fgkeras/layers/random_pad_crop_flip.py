"""The CIFAR augmentation as a Keras layer, for backends without tf.data."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class RandomPadCropFlip(keras.layers.Layer):
    """Pads with zeros, crops a random window of the old size, flips at random.

    Use it in front of a classifier when the images are arrays in memory, as
    on a machine without TensorFlow. It works only in training mode; in
    inference mode images pass unchanged. Each image draws its own offset
    `(dy, dx)` from `{0, ..., 2 * padding}^2` and, with probability 1/2 when
    `flip` is on, a mirror image.

    Args:
        padding: Int at least 0, pixels added on each side. Defaults to `4`.
        flip: Bool, whether to mirror left and right. Defaults to `True`.
        seed: Int or `None`. The generator's state is saved with the model,
            so that a resumed training draws the same crops.

    Call arguments:
        images: Float tensor of shape `(batch, height, width, channels)`.
        training: Bool.

    Output shape:
        As the input.

    Raises:
        ValueError: If `padding` is negative.

    Example:
    >>> layer = RandomPadCropFlip(padding=4, seed=0)
    >>> tuple(layer(keras.ops.ones((2, 32, 32, 3)), training=True).shape)
    (2, 32, 32, 3)

    Reference:

    - [He et al., 2016](https://arxiv.org/abs/1512.03385), section 4.2.
    """

    def __init__(self, padding=4, flip=True, seed=None, **kwargs):
        super().__init__(**kwargs)
        if padding < 0:
            raise ValueError(
                "`padding` must be at least 0 pixels. "
                f"Received: padding={padding}."
            )
        self.padding = padding
        self.flip = flip
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, images, training=False):
        if not training:
            return images
        batch, height, width = ops.shape(images)[:3]
        pad = self.padding
        padded = ops.pad(images, [[0, 0], [pad, pad], [pad, pad], [0, 0]])
        offsets = keras.random.randint(
            (2, batch, 1), 0, 2 * pad + 1, seed=self.seed_generator
        )
        rows = ops.arange(height)[None, :] + offsets[0]
        columns = ops.arange(width)[None, :]
        if self.flip:
            mirror = keras.random.randint(
                (batch, 1), 0, 2, seed=self.seed_generator
            )
            columns = ops.where(mirror == 1, width - 1 - columns, columns)
        columns = columns + offsets[1]
        out = ops.take_along_axis(padded, rows[:, :, None, None], axis=1)
        return ops.take_along_axis(out, columns[:, None, :, None], axis=2)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "padding": self.padding,
            "flip": self.flip,
            "seed": self.seed,
        }
