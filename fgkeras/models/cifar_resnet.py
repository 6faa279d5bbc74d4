"""The residual networks of CIFAR: 6n + 2 layers, shortcuts without weights."""

import keras
from keras import layers
from keras import ops

STAGES = ((16, 1), (32, 2), (64, 2))
BLOCKS_PER_STAGE = {20: 3, 32: 5, 56: 9}


def build_cifar_resnet(depth, input_shape=(32, 32, 3)):
    """Returns a residual network for small images, without its head.

    Use it to reproduce results on CIFAR; it is too narrow for photographs.
    Post-activation blocks of two 3x3 convolutions, in stages of 16, 32 and 64
    channels; a shortcut that changes size averages over 2x2 pixels and appends
    zero channels on both sides. Pixels become `x / 128 - 1`.

    Args:
        depth: Int, 20, 32 or 56.
        input_shape: `(height, width, 3)`, sides divisible by 4, in pixels.
            Defaults to `(32, 32, 3)`.

    Returns:
        `keras.Model` from pixels in [0, 255] to a feature map of shape
        `(batch, height / 4, width / 4, 64)`.

    Raises:
        ValueError: If the depth or the size is not possible.

    Example:
    >>> build_cifar_resnet(20).output_shape
    (None, 8, 8, 64)

    Reference:

    - [He et al., 2015](https://arxiv.org/abs/1512.03385), section 4.2, with
      the pooled shortcut of the TensorFlow model garden.
    """
    if depth not in BLOCKS_PER_STAGE:
        raise ValueError(
            f"`depth` must be one of {sorted(BLOCKS_PER_STAGE)}. Received: "
            f"depth={depth}."
        )
    if any(side is None or side % 4 for side in input_shape[:2]):
        raise ValueError(
            "The sides of `input_shape` must be divisible by 4. Received: "
            f"input_shape={tuple(input_shape)}. Resize the images, to 32 "
            "pixels say."
        )
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 128, offset=-1.0, dtype="float32")(inputs)
    x = _convolution(x, 16, 1, "stem")
    x = layers.ReLU(name="stem_relu")(x)
    for stage, (filters, stride) in enumerate(STAGES, start=1):
        for block in range(1, BLOCKS_PER_STAGE[depth] + 1):
            name = f"stage{stage}_block{block}"
            x = _block(x, filters, stride if block == 1 else 1, name)
    return keras.Model(inputs, x, name=f"cifar_resnet{depth}")


def cifar_resnet20(input_shape):
    """Returns the body of 20 layers, see `build_cifar_resnet`."""
    return build_cifar_resnet(20, input_shape)


def cifar_resnet32(input_shape):
    """Returns the body of 32 layers, see `build_cifar_resnet`."""
    return build_cifar_resnet(32, input_shape)


def cifar_resnet56(input_shape):
    """Returns the body of 56 layers, see `build_cifar_resnet`."""
    return build_cifar_resnet(56, input_shape)


def _convolution(x, filters, stride, name):
    if stride > 1:
        # Symmetric, where "same" would pad the far sides only.
        x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, name=f"{name}_bn"
    )(x)


def _block(x, filters, stride, name):
    shortcut = x
    added = filters - x.shape[-1]
    if added:
        shortcut = layers.AveragePooling2D(stride, name=f"{name}_pool")(x)
        shortcut = ops.pad(
            shortcut, [[0, 0], [0, 0], [0, 0], [added // 2, added // 2]]
        )
    x = _convolution(x, filters, stride, f"{name}_1")
    x = layers.ReLU(name=f"{name}_1_relu")(x)
    x = _convolution(x, filters, 1, f"{name}_2")
    x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_relu")(x)
