"""Kernel pooling: compact higher-order statistics of a feature map."""

import math

import keras
from keras import ops

from fgkeras.layers.kernel_coefficients import KernelCoefficients
from fgkeras.layers.kernel_sketch import KernelSketch
from fgkeras.ops.sketches.sketch_transform import sketch_transform
from fgkeras.ops.taylor_kernel import taylor_coefficients


@keras.saving.register_keras_serializable(package="fgkeras")
class KernelPooling(keras.layers.Layer):
    """Pools a feature map into an explicit feature vector of a kernel.

    Average pooling keeps how strongly each channel fires; look-alike classes
    often differ only in which channels fire together at one place. This layer
    averages products of up to `order` channels, sketched to `sketch_dim`
    numbers per order, so that a linear classifier on its output acts as a
    kernel classifier on local descriptors. Put `SignedSquareRoot` and
    `ScaledUnitNormalization` after it.

        z(x) = [a_0, a_1 x, a_2 ts_2(x), ..., a_order ts_order(x)]
        E[<z(x), z(y)>] = sum of a_i**2 (x . y)**i

    With `a_i**2 = exp(-2 gamma) (2 gamma)**i / i!` and descriptors of unit
    length, that is the Taylor series of `exp(-gamma |x - y|**2)`.

    Args:
        sketch_dim: Int at least 1, numbers per order from the second on.
            Defaults to `4096`.
        order: Int at least 1, the highest order. `1` is average pooling with a
            constant; `2` adds compact bilinear pooling. Defaults to `4`.
        gamma: Float above 0, from which the coefficients start. Above 0.5 four
            orders are too few for descriptors of unit length. Defaults to
            `0.5`; `fgkeras.ops.gamma_of_data` measures one.
        coefficients: `None`, or a sequence of `order + 1` floats to start
            from in place of those of `gamma`.
        train_coefficients: Bool, whether the kernel is learned. Its
            coefficients enter squared, so that their signs are free. Defaults
            to `True`.
        normalize: Bool, whether to scale every local descriptor to unit
            length first. Defaults to `True`.
        transform: `"hadamard"`, real and 1.3 to 3.2 times as fast, for powers
            of two; `"fourier"`, as published, of the lower variance where
            descriptors are alike; or `"fft"`, the numbers of `"fourier"` by
            the backend's fast Fourier transform (`tf.signal.rfft`), for any
            length, but not for LiteRT. A model made with one of the last two
            takes the weights of the other. See
            `fgkeras.ops.sketches.sketch_transform`. Defaults to `"hadamard"`.
        seed: Int, draws the hash tables. Defaults to `0`.
        **kwargs: Base layer arguments, such as `name` and `dtype`.

    Call arguments:
        inputs: Float tensor of shape `(batch, height, width, channels)`.

    Input shape:
        `(batch, height, width, channels)`; only `channels` must be static.

    Output shape:
        `(batch, 1 + channels + (order - 1) * sketch_dim)`.

    Raises:
        ValueError: If an argument is out of range, or `channels` is unknown
            when the layer is built.

    Example:
    >>> layer = KernelPooling(sketch_dim=512, order=3)
    >>> tuple(layer(np.ones((2, 7, 7, 64), "float32")).shape)
    (2, 1089)

    Note: the hash tables are non-trainable weights, so a saved model restores
    exactly the sketch it was trained with. Sketches are computed in float32
    under a half-precision policy: products of four channels leave float16. What
    comes out has the policy's type all the same, so that under mixed_float16
    `normalize=False` needs descriptors of length below some 10.

    Reference:

    - [Cui et al., 2017](
      https://openaccess.thecvf.com/content_cvpr_2017/html/Cui_Kernel_Pooling_for_CVPR_2017_paper.html).
      Its algorithm 1 leaves the coefficients out; this is its equation 7.
    """

    def __init__(
        self,
        sketch_dim=4096,
        *,
        order=4,
        gamma=0.5,
        coefficients=None,
        train_coefficients=True,
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
        start = taylor_coefficients(gamma, order)
        if coefficients is not None:
            start = coefficients = [float(a) for a in coefficients]
            finite = all(map(math.isfinite, coefficients))
            if len(coefficients) != order + 1 or not finite:
                raise ValueError(
                    "`coefficients` must be `order + 1` finite numbers, of the "
                    f"orders 0 to {order}. Received: "
                    f"coefficients={coefficients}."
                )
        self.sketch_dim = sketch_dim
        self.order = order
        self.gamma = gamma
        self.coefficients = coefficients
        self.train_coefficients = train_coefficients
        self.normalize = normalize
        self.transform = transform
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self.sketch = KernelSketch(
            sketch_dim,
            order=order,
            normalize=normalize,
            transform=transform,
            seed=seed,
            dtype=self.dtype_policy,
            name="sketch",
        )
        self.scale = KernelCoefficients(
            start,
            sketch_dim=sketch_dim,
            trainable=train_coefficients,
            dtype=self.dtype_policy,
            name="coefficients",
        )

    def build(self, input_shape):
        self.sketch.build(input_shape)
        self.scale.build(self.sketch.compute_output_shape(input_shape))

    def call(self, inputs):
        # The sublayers would round in between under a half-precision policy.
        sketch = self.sketch.full_precision_sketch(inputs)
        return ops.cast(self.scale.weigh(sketch), self.compute_dtype)

    def kernel_coefficients(self):
        """Returns the coefficients as they are now, a NumPy array."""
        return ops.convert_to_numpy(self.scale.alpha)

    def compute_output_shape(self, input_shape):
        return self.sketch.compute_output_shape(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "sketch_dim": self.sketch_dim,
            "order": self.order,
            "gamma": self.gamma,
            "coefficients": self.coefficients,
            "train_coefficients": self.train_coefficients,
            "normalize": self.normalize,
            "transform": self.transform,
            "seed": self.seed,
        }
