"""Calls of a layer in training with values of its weights that one chooses."""

import keras
from keras import layers
from keras import ops


def weights_of(layer):
    """Reads the trainable weights of a layer, once, for `call_with`.

    A step that calls a layer twice, once to train it and once as a fixed
    judge, must read it once: TensorFlow was seen to run a second read after
    the optimizer had written, since no gradient made it wait.

    Args:
        layer: Built Keras layer.

    Returns:
        List of tensors.
    """
    # Without the sum each use of what comes back would read anew.
    return [v + ops.zeros((), v.dtype) for v in layer.trainable_variables]


def fixed(weights):
    """Returns weights that let gradients through to inputs, but take none.

    Args:
        weights: What `weights_of` returned.

    Returns:
        List of tensors.
    """
    return [ops.stop_gradient(w) for w in weights]


def call_with(layer, weights, inputs, *, mask=None):
    """Calls a layer in training with given weights.

    Moving statistics stay as they are. Keras hands masks on as attributes of
    tensors; here they go straight to the layers that use them.

    Args:
        layer: Built Keras layer. In a `keras.Sequential` batch normalization
            looks at the chosen rows only; other layers see all.
        weights: List of tensors, what `weights_of` or `fixed` returned.
        inputs: Float tensor of shape `(rows, units)`.
        mask: `None`, or boolean tensor of shape `(rows,)`.

    Returns:
        What the layer returns.
    """
    given = zip(layer.trainable_variables, weights, strict=True)
    others = [
        (v, ops.convert_to_tensor(v)) for v in layer.non_trainable_variables
    ]
    with keras.StatelessScope([*given, *others]):
        if mask is None or not isinstance(layer, keras.Sequential):
            return layer(inputs, training=True)
        x = inputs
        for inner in layer.layers:
            if isinstance(inner, layers.BatchNormalization):
                x = inner(x, training=True, mask=mask)
            else:
                x = inner(x, training=True)
        return x
