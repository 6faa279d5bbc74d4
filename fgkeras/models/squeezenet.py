"""SqueezeNet 1.1: few weights, squeezed through 1x1 convolutions."""

import keras
from keras import layers

# Filters of the squeeze and of each of the two expand convolutions; `None` is
# a pooling step.
FIRES = (
    (16, 64),
    (16, 64),
    None,
    (32, 128),
    (32, 128),
    None,
    (48, 192),
    (48, 192),
    (64, 256),
    (64, 256),
)


def build_squeezenet(input_shape=(224, 224, 3)):
    """Returns SqueezeNet 1.1 without its head.

    Use it where the model file must be small: 0.72 million weights. It has no
    batch normalization, so train it with a small learning rate. Pixels become
    `x / 127.5 - 1`.

    Args:
        input_shape: `(height, width, 3)`, sides at least 31 pixels or `None`.
            Defaults to `(224, 224, 3)`.

    Returns:
        `keras.Model` from pixels in [0, 255] to a feature map of 512 channels,
        about a sixteenth of the size: 224 pixels give 13x13.

    Raises:
        ValueError: If a side is too short for the three pooling steps.

    Example:
    >>> build_squeezenet((64, 64, 3)).output_shape
    (None, 3, 3, 512)

    Reference:

    - [Iandola et al., 2016](https://arxiv.org/abs/1602.07360); version 1.1 of
      the authors' repository.
    """
    if any(side is not None and side < 31 for side in input_shape[:2]):
        raise ValueError(
            "The sides of `input_shape` must be at least 31 pixels for "
            f"squeezenet. Received: input_shape={tuple(input_shape)}."
        )
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(inputs)
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="stem")(x)
    x = layers.MaxPooling2D(3, strides=2)(x)
    for index, fire in enumerate(FIRES):
        if fire is None:
            x = layers.MaxPooling2D(3, strides=2)(x)
        else:
            x = _fire(x, *fire, name=f"fire{index}")
    return keras.Model(inputs, x, name="squeezenet")


def _fire(x, squeeze, expand, name):
    def convolution(x, filters, size, part):
        return layers.Conv2D(
            filters,
            size,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"{name}_{part}",
        )(x)

    x = convolution(x, squeeze, 1, "squeeze")
    return layers.Concatenate(name=f"{name}_concatenate")(
        [
            convolution(x, expand, 1, "expand1"),
            convolution(x, expand, 3, "expand3"),
        ]
    )
