"""Optimizers by name, with the settings of the source papers."""

import keras

from fgkeras.training.momentum import MomentumSGD

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
