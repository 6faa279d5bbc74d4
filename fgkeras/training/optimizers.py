"""Optimizers by name, with the settings of the source papers."""

import keras
from keras import ops

NAMES = ("sgd", "adam", "rmsprop")


def make_optimizer(name, learning_rate, *, momentum=0.9, clip=0.0):
    """Builds an optimizer.

    Weight decay is not the optimizer's: it is part of the loss, see
    `fgkeras.models.apply_weight_decay`.

    Args:
        name: String: `"sgd"` (see `MomentumSGD`), `"adam"`, or `"rmsprop"`
            (decay 0.9 and epsilon 1.0, as TF-Slim had it).
        learning_rate: Float or schedule.
        momentum: Float in [0, 1), for SGD and RMSProp. Defaults to `0.9`.
        clip: Float. Every gradient entry is clipped to `[-clip, clip]`; `0`
            leaves gradients alone. Defaults to `0.0`.

    Returns:
        A `keras.optimizers.Optimizer`.

    Raises:
        ValueError: If `name` is unknown.

    Example:
    >>> make_optimizer("sgd", 0.1).momentum
    0.9
    """
    clip = {"clipvalue": clip} if clip else {}
    if name == "sgd":
        return MomentumSGD(learning_rate, momentum, **clip)
    if name == "adam":
        return keras.optimizers.Adam(learning_rate, **clip)
    if name == "rmsprop":
        return keras.optimizers.RMSprop(
            learning_rate, rho=0.9, momentum=momentum, epsilon=1.0, **clip
        )
    raise ValueError(
        f"`optimizer` must be one of {NAMES}. Received: optimizer={name!r}."
    )


@keras.saving.register_keras_serializable(package="fgkeras")
class MomentumSGD(keras.optimizers.Optimizer):
    """Heavy-ball SGD with the learning rate outside of the velocity.

        v <- momentum * v + gradient
        w <- w - learning_rate(t) * v

    Use it with a schedule that drops the rate. `keras.optimizers.SGD` keeps
    the rate inside of the velocity: after a drop by 100 it goes on for some
    ten steps at the old rate, and the training loss jumps up. With a constant
    rate both are the same. TensorFlow 1's momentum optimizer, with which the
    class-balanced loss was published, has this form.

    Args:
        learning_rate: Float or schedule. Defaults to `0.1`.
        momentum: Float in [0, 1). Defaults to `0.9`.
        **kwargs: As for `keras.optimizers.Optimizer`.

    Raises:
        ValueError: If `momentum` is out of range.

    Example:
    >>> MomentumSGD(0.1).momentum
    0.9
    """

    def __init__(
        self, learning_rate=0.1, momentum=0.9, name="momentum_sgd", **kwargs
    ):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        if not 0.0 <= momentum < 1.0:
            raise ValueError(
                f"`momentum` must lie in [0, 1). Received: momentum={momentum}."
            )
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.velocities = [
            self.add_variable_from_reference(v, name="velocity")
            for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        velocity = self.velocities[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        updated = self.momentum * ops.convert_to_tensor(velocity) + gradient
        self.assign(velocity, updated)
        self.assign_sub(variable, rate * updated)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}
