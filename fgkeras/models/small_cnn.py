"""A small convolutional network that trains from scratch in minutes."""

import keras
from keras import layers

FILTERS = (32, 64, 96, 128, 192)
STRIDES = (2, 2, 1, 2, 2)


def build_small_cnn(input_shape=(64, 64, 3)):
    """Returns a small network for trying things out on a CPU.

    Use it to see that a data set, a loss and a training run work, at 64 to 96
    pixels; for results take a pretrained body. Five 3x3 convolutions with
    batch normalization and ReLU. Pixels become `x / 127.5 - 1`.

    Args:
        input_shape: `(height, width, 3)`, in pixels, sides may be `None`.
            Defaults to `(64, 64, 3)`.

    Returns:
        `keras.Model` from pixels in [0, 255] to a feature map of 192 channels,
        a sixteenth of the size.

    Example:
    >>> build_small_cnn().output_shape
    (None, 4, 4, 192)
    """
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(inputs)
    blocks = zip(FILTERS, STRIDES, strict=True)
    for index, (filters, stride) in enumerate(blocks, start=1):
        x = layers.Conv2D(
            filters,
            3,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"block{index}_conv",
        )(x)
        # Short runs need statistics that follow quickly.
        x = layers.BatchNormalization(momentum=0.9, name=f"block{index}_bn")(x)
        x = layers.ReLU(name=f"block{index}_relu")(x)
    return keras.Model(inputs, x, name="small_cnn")
