"""Compact bilinear pooling: sketched second-order statistics."""

import keras
from keras import ops

from fgkeras.layers.kernel_sketch import KernelSketch


@keras.saving.register_keras_serializable(package="fgkeras")
class CompactBilinearPooling(keras.layers.Layer):
    """Pools a feature map into a sketch of its mean outer product.

    Bilinear pooling in `sketch_dim` instead of `channels**2` numbers. Put
    `SignedSquareRoot` and `ScaledUnitNormalization` after it.

        z = mean over locations of ts_2(x),   E[<z, z'>] = mean (x . x')**2

    Args:
        sketch_dim: Int at least 1. Defaults to `8192`.
        transform: `"hadamard"` for powers of two, `"fourier"`, as published,
            or `"fft"`, the same numbers by the backend's fast Fourier
            transform; see `fgkeras.ops.sketches.sketch_transform`. Defaults to
            `"hadamard"`.
        seed: Int, draws the hash tables. Defaults to `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, channels)`.

    Output shape:
        `(batch, sketch_dim)`.

    Raises:
        ValueError: If an argument is out of range, or `channels` is unknown
            when the layer is built.

    Example:
    >>> layer = CompactBilinearPooling(512)
    >>> tuple(layer(np.ones((2, 7, 7, 64), "float32")).shape)
    (2, 512)

    Reference:

    - [Gao et al., 2016](https://arxiv.org/abs/1511.06062), Tensor Sketch.
    """

    def __init__(
        self, sketch_dim=8192, *, transform="hadamard", seed=0, **kwargs
    ):
        super().__init__(**kwargs)
        self.sketch_dim = sketch_dim
        self.transform = transform
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self.sketch = KernelSketch(
            sketch_dim,
            order=2,
            normalize=False,
            transform=transform,
            seed=seed,
            dtype=self.dtype_policy,
            name="sketch",
        )

    def build(self, input_shape):
        self.sketch.build(input_shape)

    def call(self, inputs):
        sketch = self.sketch.full_precision_sketch(inputs)
        return ops.cast(sketch[:, -self.sketch_dim :], self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.sketch_dim

    def get_config(self):
        return {
            **super().get_config(),
            "sketch_dim": self.sketch_dim,
            "transform": self.transform,
            "seed": self.seed,
        }
