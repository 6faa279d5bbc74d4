"""The mean of a number over the last full block of training steps."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="fgkeras")
class BlockMean(keras.layers.Layer):
    """Holds the mean of the last full block of numbers that it was given.

    A slow measure of how far a training is. Numbers that are not finite are
    left out.

    Args:
        block: Int at least 1, numbers per block. Defaults to `64`.
        initial: Float, the mean until the first block is full. Defaults to
            `1e6`.

    Raises:
        ValueError: If `block` is below 1.

    Example:
    >>> mean = BlockMean(2, initial=9.0)
    >>> for x in (1.0, 3.0, 50.0):
    ...     mean.update(x)
    >>> float(mean.value)
    2.0
    """

    def __init__(self, block=64, *, initial=1e6, **kwargs):
        super().__init__(**kwargs)
        if int(block) != block or block < 1:
            raise ValueError(
                "`block` must be a whole number of at least 1. Received: "
                f"block={block}."
            )
        self.block = int(block)
        self.initial = float(initial)
        self.value = self._number("value", self.initial)
        self.total = self._number("total", 0.0)
        self.count = self._number("count", 0.0)
        self.built = True

    def _number(self, name, start):
        return self.add_weight(
            name=name,
            shape=(),
            initializer=keras.initializers.Constant(start),
            trainable=False,
            autocast=False,
            dtype="float32",
            aggregation="mean",
        )

    def update(self, number):
        """Takes one number in.

        Args:
            number: Scalar; no gradient flows through it.
        """
        number = ops.stop_gradient(ops.cast(number, "float32"))
        finite = ops.isfinite(number)
        zero = ops.zeros_like(number)
        total = self.total + ops.where(finite, number, zero)
        count = self.count + ops.cast(finite, "float32")
        full = count >= self.block
        value = ops.convert_to_tensor(self.value)
        self.value.assign(
            ops.where(full, total / ops.maximum(count, 1.0), value)
        )
        self.total.assign(ops.where(full, zero, total))
        self.count.assign(ops.where(full, zero, count))

    def get_config(self):
        return {
            **super().get_config(),
            "block": self.block,
            "initial": self.initial,
        }
