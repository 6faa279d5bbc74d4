"""Calling a layer without one of the effects that a call in training has."""

from keras import ops


def call_frozen(layer, inputs, *, mask=None):
    """Calls a layer as a fixed function, through which gradients flow.

    The gradient reaches the inputs, not the layer's weights, and moving
    statistics stay as they are. Use it where one player of a game judges
    another.

    Args:
        layer: Built Keras layer.
        inputs: Its inputs.
        mask: `None`, or boolean tensor of shape `(rows,)`: which rows batch
            normalization looks at.

    Returns:
        What the layer returns.
    """
    fixed = [ops.stop_gradient(v) for v in layer.trainable_variables]
    return _call(layer, fixed, inputs, mask)


def call_without_update(layer, inputs, *, mask=None):
    """Calls a layer without moving its statistics.

    The gradient reaches inputs and weights. Use it for inputs that the layer
    will not see after training.

    Args:
        layer: Built Keras layer.
        inputs: Its inputs.
        mask: `None`, or boolean tensor of shape `(rows,)`: which rows batch
            normalization looks at.

    Returns:
        What the layer returns.
    """
    live = [ops.convert_to_tensor(v) for v in layer.trainable_variables]
    return _call(layer, live, inputs, mask)


def _call(layer, trainable, inputs, mask):
    others = [ops.convert_to_tensor(v) for v in layer.non_trainable_variables]
    options = {} if mask is None else {"mask": mask}
    outputs, _ = layer.stateless_call(
        trainable, others, inputs, training=True, **options
    )
    return outputs
