"""Stochastic gradient descent whose momentum holds gradients, not steps."""

import keras
from keras import ops


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
