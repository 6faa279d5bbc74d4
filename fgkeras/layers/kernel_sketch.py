"""The orders of kernel pooling before they are weighted."""

import keras
from keras import ops

from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketches.count_sketch import hash_tables
from fgkeras.ops.sketches.gram_sketch import gram_sketch
from fgkeras.ops.sketches.open_batch import constant_table
from fgkeras.ops.sketches.pooled_tensor_sketches import gram_is_cheaper
from fgkeras.ops.sketches.pooled_tensor_sketches import pooled_tensor_sketches
from fgkeras.ops.sketches.sketch_spectrum import room_of_rows
from fgkeras.ops.sketches.sketch_transform import sketch_transform


@keras.saving.register_keras_serializable(package="fgkeras")
class KernelSketch(keras.layers.Layer):
    """Pools a feature map into mean sketches of its orders 0 to `order`.

    The part of `KernelPooling` that has no trained weights: what it gives for
    a frozen body can be kept, and kernels learned on it.

        z(x) = mean over locations of [1, x, ts_2(x), ..., ts_order(x)]

    Args:
        sketch_dim: Int at least 1. Defaults to `4096`.
        order: Int at least 1. Defaults to `4`.
        normalize: Bool, whether to scale every local descriptor to unit
            length first; a zero descriptor stays zero. Defaults to `True`.
        transform: `"hadamard"`, `"fourier"` or `"fft"`, see
            `fgkeras.ops.sketches.sketch_transform`. Defaults to `"hadamard"`.
        seed: Int, draws the hash tables. Defaults to `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, channels)`.

    Output shape:
        `(batch, 1 + channels + (order - 1) * sketch_dim)`.

    Raises:
        ValueError: If an argument is out of range, or `channels` is unknown
            when the layer is built.

    Example:
    >>> layer = KernelSketch(512, order=3)
    >>> tuple(layer(np.ones((2, 7, 7, 64), "float32")).shape)
    (2, 1089)
    """

    def __init__(
        self,
        sketch_dim=4096,
        *,
        order=4,
        normalize=True,
        transform="hadamard",
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not isinstance(order, int) or order < 1:
            raise ValueError(
                f"`order` must be at least 1. Received: order={order}."
            )
        sketch_transform(transform, sketch_dim)
        self.sketch_dim = sketch_dim
        self.order = order
        self.normalize = normalize
        self.transform = transform
        self.seed = seed
        self._room = None
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape):
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                "The number of channels must be static. Received: "
                f"input shape {tuple(input_shape)}."
            )
        if self.order == 1:
            return
        buckets, signs = hash_tables(
            self.order, channels, self.sketch_dim, self.seed
        )
        self.buckets = self._table("buckets", buckets)
        self.signs = self._table("signs", signs)
        # Of the tables drawn; others that are loaded may have fuller rows.
        group = sketch_transform(self.transform, self.sketch_dim, channels)
        self._room = room_of_rows(group, buckets)

    def _table(self, name, values):
        return self.add_weight(
            name=name,
            shape=values.shape,
            dtype="int32",
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                values, dtype
            ),
            trainable=False,
        )

    def _tables(self):
        """Buckets and signs, or what they hold within `open_batch`."""
        return constant_table(self.buckets), constant_table(self.signs)

    def full_precision_sketch(self, inputs):
        """Returns the sketch in float32, or float64 if the input has it."""
        x = full_precision(inputs)
        batch, height, width, channels = ops.shape(x)
        x = ops.reshape(x, (batch, height * width, channels))
        if self.normalize:
            x = unit_normalize(x)
        mean = ops.sum(x, axis=1) / ops.cast(height * width, x.dtype)
        parts = [ops.ones_like(mean[:, :1]), mean]
        if self.order == 2 and gram_is_cheaper(
            x.shape, self.sketch_dim, self.transform
        ):
            parts.append(
                gram_sketch(
                    x,
                    *self._tables(),
                    self.sketch_dim,
                    transform=self.transform,
                )
            )
        elif self.order > 1:
            sketches = pooled_tensor_sketches(
                x,
                *self._tables(),
                self.sketch_dim,
                transform=self.transform,
                room=self._room,
            )
            parts.append(
                ops.reshape(sketches, (-1, (self.order - 1) * self.sketch_dim))
            )
        return ops.concatenate(parts, axis=-1)

    def call(self, inputs):
        return ops.cast(self.full_precision_sketch(inputs), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        channels = input_shape[-1]
        return (
            input_shape[0],
            1 + channels + (self.order - 1) * self.sketch_dim,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "sketch_dim": self.sketch_dim,
            "order": self.order,
            "normalize": self.normalize,
            "transform": self.transform,
            "seed": self.seed,
        }
