"""Calls of a layer in training, without one of the effects of such a call."""

import keras
from keras import layers
from keras import ops


def call_frozen(layer, inputs, *, mask=None):
    """Calls a layer as a fixed function, through which gradients flow.

    The gradient reaches the inputs, not the layer's weights, and moving
    statistics stay as they are. Use it where one player of a game judges
    another.

    Args:
        layer: Built Keras layer.
        inputs: Float tensor of shape `(rows, units)`.
        mask: As for `call_masked`.

    Returns:
        What the layer returns.
    """
    fixed = [(v, ops.stop_gradient(v)) for v in layer.trainable_variables]
    with keras.StatelessScope(fixed + _state(layer)):
        return call_masked(layer, inputs, mask=mask)


def call_without_update(layer, inputs, *, mask=None):
    """Calls a layer without moving its statistics.

    The gradient reaches inputs and weights. Use it for inputs that the layer
    will not see after training.

    Args:
        layer: Built Keras layer.
        inputs: Float tensor of shape `(rows, units)`.
        mask: As for `call_masked`.

    Returns:
        What the layer returns.
    """
    live = [(v, ops.convert_to_tensor(v)) for v in layer.trainable_variables]
    with keras.StatelessScope(live + _state(layer)):
        return call_masked(layer, inputs, mask=mask)


def call_masked(layer, inputs, *, mask=None):
    """Calls a layer in training, with some rows out of batch statistics.

    Keras hands masks on as attributes of tensors, which get lost when a graph
    is traced; here they go straight to the layers that use them.

    Args:
        layer: Built Keras layer. In a `keras.Sequential` batch normalization
            looks at the chosen rows only; other layers see all.
        inputs: Float tensor of shape `(rows, units)`.
        mask: `None`, or boolean tensor of shape `(rows,)`.

    Returns:
        What the layer returns.
    """
    if mask is None or not isinstance(layer, keras.Sequential):
        return layer(inputs, training=True)
    x = inputs
    for inner in layer.layers:
        if isinstance(inner, layers.BatchNormalization):
            x = inner(x, training=True, mask=mask)
        else:
            x = inner(x, training=True)
    return x


def _state(layer):
    return [
        (v, ops.convert_to_tensor(v)) for v in layer.non_trainable_variables
    ]
