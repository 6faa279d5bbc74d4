"""Learned proxies of classes, compared with embeddings by cosine."""

import keras
from keras import ops

from fgkeras.ops.distances import safe_sqrt
from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class ClassProxies(keras.layers.Layer):
    """Gives the cosine of each embedding to learned vectors of each class.

    The last layer of a model trained with `ProxyNCA`, `ProxyAnchor` or
    `SoftTriple`; the embedding is its input. The proxies are weights of the
    model, so they are saved with it and the optimizer trains them.

        s_ick = (x_i . p_ck) / (||x_i|| ||p_ck||)

    Args:
        num_classes: Int at least 1.
        per_class: `None` for one proxy per class and an output without that
            axis, or int at least 1 as `SoftTriple` takes it. Defaults to
            `None`.
        merging: Float at least 0, the weight `t` of the mean distance between
            the proxies of a class, which is added to the loss:
            `t sum_c sum_{j<k} ||p_cj - p_ck|| / (C K (K - 1))`. Superfluous
            proxies then fall together. Defaults to `0.0`.
        initializer: Initializer of a matrix `(proxies, dim)`. Only directions
            matter, and how fast they turn: twice the length, half as fast.
            Defaults to `"he_normal"`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`, of any length.

    Output shape:
        `(batch, num_classes)`, or `(batch, num_classes, per_class)`; float32
        or float64 under a half precision policy too, as losses multiply
        cosines by 10 to 30.

    Raises:
        ValueError: If a number is out of range.

    Example:
    >>> proxies = ClassProxies(3, per_class=2)
    >>> tuple(proxies(ops.ones((4, 8))).shape)
    (4, 3, 2)
    >>> len(proxies.trainable_weights)
    1

    Reference:

    - [Movshovitz-Attias et al., 2017](https://arxiv.org/abs/1703.07464);
      merging: [Qian et al., 2019](https://arxiv.org/abs/1909.05235),
      equation 9.
    """

    def __init__(
        self,
        num_classes,
        *,
        per_class=None,
        merging=0.0,
        initializer="he_normal",
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        for key, value in (
            ("num_classes", num_classes),
            ("per_class", 1 if per_class is None else per_class),
        ):
            if value < 1:
                raise ValueError(
                    f"`{key}` must be at least 1. Received: {key}={value}."
                )
        if not merging >= 0:
            raise ValueError(
                f"`merging` must be at least 0. Received: merging={merging}."
            )
        self.num_classes = int(num_classes)
        self.per_class = None if per_class is None else int(per_class)
        self.merging = float(merging)
        self.initializer = keras.initializers.get(initializer)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape):
        self.proxies = self.add_weight(
            name="proxies",
            shape=(self.num_classes * (self.per_class or 1), input_shape[-1]),
            initializer=self.initializer,
            autocast=False,
        )

    def call(self, inputs):
        x = unit_normalize(full_precision(inputs))
        proxies = unit_normalize(ops.convert_to_tensor(self.proxies))
        cosines = ops.matmul(x, ops.transpose(ops.cast(proxies, x.dtype)))
        if self.per_class is not None:
            cosines = ops.reshape(
                cosines, (-1, self.num_classes, self.per_class)
            )
        if self.merging and (self.per_class or 1) > 1:
            self.add_loss(self.merging * self._spread(proxies))
        return cosines

    def _spread(self, proxies):
        """Returns half the mean distance between proxies of one class."""
        count = self.per_class
        rows = ops.reshape(proxies, (self.num_classes, count, -1))
        dots = ops.matmul(rows, ops.transpose(rows, (0, 2, 1)))
        # 1e-5 as in the authors' code: proxies that met keep a finite pull.
        apart = safe_sqrt(ops.relu(2.0 + 1e-5 - 2.0 * dots))
        upper = ops.triu(ops.ones((count, count), dots.dtype), 1)
        pairs = self.num_classes * count * (count - 1)
        return ops.sum(apart * upper) / pairs

    def compute_output_spec(self, inputs):
        double = keras.backend.standardize_dtype(inputs.dtype) == "float64"
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape),
            dtype="float64" if double else "float32",
        )

    def compute_output_shape(self, input_shape):
        shape = (input_shape[0], self.num_classes)
        return shape if self.per_class is None else (*shape, self.per_class)

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "per_class": self.per_class,
            "merging": self.merging,
            "initializer": keras.initializers.serialize(self.initializer),
        }
