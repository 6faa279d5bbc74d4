"""Learning rates as functions of the step, each with a linear warm-up."""

import keras
from keras import ops

KINDS = ("constant", "step", "cosine", "exponential")


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Base: rises linearly to `learning_rate`, then follows `after(step)`.

    lr(t) = learning_rate * t / warmup_steps     for t < warmup_steps
    """

    def __init__(self, learning_rate, warmup_steps=0):
        if not learning_rate > 0 or warmup_steps < 0:
            raise ValueError(
                "`learning_rate` must be above 0 and `warmup_steps` at least "
                f"0. Received: learning_rate={learning_rate}, "
                f"warmup_steps={warmup_steps}."
            )
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rate = self.learning_rate * self.factor(step)
        if not self.warmup_steps:
            return rate
        rising = self.learning_rate * step / self.warmup_steps
        return ops.where(step < self.warmup_steps, rising, rate)

    def factor(self, step):
        """Returns the multiple of `learning_rate` at a step: here 1."""
        return ops.ones_like(step)

    def get_config(self):
        return {
            "learning_rate": self.learning_rate,
            "warmup_steps": self.warmup_steps,
        }


@keras.saving.register_keras_serializable(package="fgkeras")
class Constant(WarmUp):
    """Stays at `learning_rate` after the warm-up.

    Example:
    >>> round(float(Constant(0.1, warmup_steps=10)(5)), 4)
    0.05
    """


@keras.saving.register_keras_serializable(package="fgkeras")
class Step(WarmUp):
    """Multiplies the rate by `factors[i]` from step `boundaries[i]` on.

    Use it for the CIFAR schedule of the class-balanced loss: 0.01 at epoch
    160 and 0.0001 at epoch 180 of 200, after 5 epochs of warm-up. The factors
    refer to the base rate; they do not accumulate.

    Args:
        learning_rate: Float above 0, the base rate.
        boundaries: Increasing sequence of ints, in steps.
        factors: Sequence of floats, as long as `boundaries`.
        warmup_steps: Int. Defaults to `0`.

    Raises:
        ValueError: If lengths differ or boundaries do not increase.

    Example:
    >>> schedule = Step(0.1, boundaries=[160, 180], factors=[0.01, 0.0001])
    >>> round(float(schedule(170)), 6)
    0.001

    Reference:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 5.
    """

    def __init__(self, learning_rate, boundaries, factors, warmup_steps=0):
        super().__init__(learning_rate, warmup_steps)
        if len(boundaries) != len(factors) or list(boundaries) != sorted(
            set(boundaries)
        ):
            raise ValueError(
                "`boundaries` must increase and have one entry in `factors` "
                f"each. Received: boundaries={list(boundaries)}, "
                f"factors={list(factors)}."
            )
        self.boundaries = list(boundaries)
        self.factors = list(factors)

    def factor(self, step):
        out = ops.ones_like(step)
        for boundary, factor in zip(self.boundaries, self.factors, strict=True):
            out = ops.where(step >= boundary, factor * ops.ones_like(step), out)
        return out

    def get_config(self):
        return {
            **super().get_config(),
            "boundaries": self.boundaries,
            "factors": self.factors,
        }


@keras.saving.register_keras_serializable(package="fgkeras")
class Cosine(WarmUp):
    """Falls along half a cosine to `final * learning_rate` at `total_steps`.

        factor(t) = final + (1 - final) * (1 + cos(pi u)) / 2,
        u = (t - warmup_steps) / (total_steps - warmup_steps), within [0, 1]

    Args:
        learning_rate: Float above 0.
        total_steps: Int above `warmup_steps`.
        final: Float in [0, 1]. Defaults to `0.0`.
        warmup_steps: Int. Defaults to `0`.

    Example:
    >>> round(float(Cosine(1.0, total_steps=10)(5)), 4)
    0.5

    Reference:

    - [Loshchilov and Hutter, 2017](https://arxiv.org/abs/1608.03983).
    """

    def __init__(self, learning_rate, total_steps, final=0.0, warmup_steps=0):
        super().__init__(learning_rate, warmup_steps)
        if total_steps <= warmup_steps or not 0.0 <= final <= 1.0:
            raise ValueError(
                "`total_steps` must exceed `warmup_steps` and `final` lie in "
                f"[0, 1]. Received: total_steps={total_steps}, "
                f"warmup_steps={warmup_steps}, final={final}."
            )
        self.total_steps = total_steps
        self.final = final

    def factor(self, step):
        span = self.total_steps - self.warmup_steps
        u = ops.clip((step - self.warmup_steps) / span, 0.0, 1.0)
        half = 0.5 * (1.0 + ops.cos(3.141592653589793 * u))
        return self.final + (1.0 - self.final) * half

    def get_config(self):
        return {
            **super().get_config(),
            "total_steps": self.total_steps,
            "final": self.final,
        }


@keras.saving.register_keras_serializable(package="fgkeras")
class Exponential(WarmUp):
    """Multiplies the rate by `decay` every `every_steps`.

    Use `decay=0.94` every 2 epochs for training and every 4 for fine-tuning as
    in the iNaturalist transfer paper, or `decay=0.1` every 10 epochs as its
    released last-layer script does.

    Args:
        learning_rate: Float above 0.
        decay: Float in (0, 1].
        every_steps: Int at least 1, in steps.
        staircase: Bool, whether the rate jumps instead of sliding. Defaults
            to `True`.
        warmup_steps: Int. Defaults to `0`.

    Example:
    >>> round(float(Exponential(1.0, decay=0.94, every_steps=10)(25)), 4)
    0.8836

    Reference:

    - [Cui et al., 2018](https://arxiv.org/abs/1806.06193), section 3.
    """

    def __init__(
        self, learning_rate, decay, every_steps, staircase=True, warmup_steps=0
    ):
        super().__init__(learning_rate, warmup_steps)
        if not 0.0 < decay <= 1.0 or every_steps < 1:
            raise ValueError(
                "`decay` must lie in (0, 1] and `every_steps` be at least 1. "
                f"Received: decay={decay}, every_steps={every_steps}."
            )
        self.decay = decay
        self.every_steps = every_steps
        self.staircase = staircase

    def factor(self, step):
        power = step / self.every_steps
        if self.staircase:
            power = ops.floor(power)
        return ops.power(self.decay * ops.ones_like(power), power)

    def get_config(self):
        return {
            **super().get_config(),
            "decay": self.decay,
            "every_steps": self.every_steps,
            "staircase": self.staircase,
        }


def make_schedule(
    kind,
    learning_rate,
    *,
    total_epochs,
    steps_per_epoch,
    warmup_epochs=0.0,
    boundaries=(),
    factors=(),
    decay=0.94,
    decay_epochs=2.0,
):
    """Builds a schedule from epochs, as a run's config states it.

    Args:
        kind: String, one of `"constant"`, `"step"`, `"cosine"`,
            `"exponential"`.
        learning_rate: Float above 0, the rate after the warm-up.
        total_epochs: Number of epochs of the training.
        steps_per_epoch: Int.
        warmup_epochs: Float, in epochs. Defaults to `0.0`.
        boundaries: For `"step"`, in epochs.
        factors: For `"step"`, multiples of `learning_rate`.
        decay: For `"exponential"`. Defaults to `0.94`.
        decay_epochs: For `"exponential"`, in epochs. Defaults to `2.0`.

    Returns:
        A `keras.optimizers.schedules.LearningRateSchedule`.

    Raises:
        ValueError: If `kind` is unknown.

    Example:

    >>> schedule = make_schedule(
    ...     "cosine", 0.1, total_epochs=10, steps_per_epoch=10, warmup_epochs=1
    ... )
    >>> [round(float(schedule(step)), 3) for step in (5, 10, 55, 100)]
    [0.05, 0.1, 0.05, 0.0]
    """
    warm = round(warmup_epochs * steps_per_epoch)
    if kind == "constant":
        return Constant(learning_rate, warm)
    if kind == "step":
        steps = [round(b * steps_per_epoch) for b in boundaries]
        return Step(learning_rate, steps, list(factors), warm)
    if kind == "cosine":
        total = max(round(total_epochs * steps_per_epoch), warm + 1)
        return Cosine(learning_rate, total, warmup_steps=warm)
    if kind == "exponential":
        every = max(round(decay_epochs * steps_per_epoch), 1)
        return Exponential(learning_rate, decay, every, warmup_steps=warm)
    raise ValueError(
        f"`schedule` must be one of {KINDS}. Received: schedule={kind!r}."
    )
