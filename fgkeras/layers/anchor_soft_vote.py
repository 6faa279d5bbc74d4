"""A head whose classes are several learned points of the feature space."""

import keras
from keras import ops

from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class AnchorSoftVote(keras.layers.Layer):
    """Logits from the distances to a few learned anchors per class.

    Use it as the head of a classifier whose classes are made of several
    clusters, such as the male, the female and the young of a bird species: one
    direction per class, as a linear head has it, can't follow these.

        logits_i = logsumexp_j(-gamma * ||f - u_ij||^2)

    The softmax of these logits is the soft vote of all anchors, so every
    classification loss on logits composes with it. Start the anchors at the
    k-means centres of each class: `fgkeras.models.start_anchors`.

    Args:
        num_classes: Int at least 2.
        num_anchors: Int at least 1, anchors per class. Defaults to `3`.
        gamma: Float above 0, one over squared distance. Defaults to `5.0`,
            meant for features of length 1.
        initializer: `None` for normal numbers that give anchors of length
            about 1, or a Keras initializer. Defaults to `None`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`.

    Output shape:
        `(batch, num_classes)`, float32 or float64.

    Raises:
        ValueError: If an argument is out of range, or inputs are no vectors.

    Example:
    >>> import numpy as np
    >>> layer = AnchorSoftVote(2, num_anchors=1, gamma=1.0)
    >>> layer.build((None, 1))
    >>> layer.set_weights([np.array([[[0.0]], [[2.0]]])])
    >>> np.asarray(layer(np.array([[0.5]], "float32"))).tolist()
    [[-0.25, -2.25]]

    Reference:

    - [Cui et al., 2016](https://arxiv.org/abs/1512.05227), equation 3: three
      anchors per class, gamma 5, features of length 1; the anchors are not
      held on the sphere.
    """

    def __init__(
        self,
        num_classes,
        num_anchors=3,
        *,
        gamma=5.0,
        initializer=None,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        for name, value, least in (
            ("num_classes", num_classes, 2),
            ("num_anchors", num_anchors, 1),
        ):
            if int(value) != value or value < least:
                raise ValueError(
                    f"`{name}` must be a whole number of at least {least}. "
                    f"Received: {name}={value}."
                )
        if not gamma > 0.0:
            raise ValueError(
                f"`gamma` must be above 0. Received: gamma={gamma}."
            )
        self.num_classes = int(num_classes)
        self.num_anchors = int(num_anchors)
        self.gamma = float(gamma)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ValueError(
                "Inputs must be vectors of known length, shape (batch, dim). "
                f"Received: inputs of shape {tuple(input_shape)}."
            )
        dim = int(input_shape[-1])
        self.anchors = self.add_weight(
            name="anchors",
            shape=(self.num_classes, self.num_anchors, dim),
            initializer=self.initializer
            or keras.initializers.RandomNormal(stddev=dim**-0.5),
            autocast=False,
        )

    def call(self, inputs):
        x = full_precision(inputs)
        u = ops.cast(self.anchors, x.dtype)
        u = ops.reshape(u, (-1, self.anchors.shape[-1]))
        # Distances do not depend on the origin, their digits do. The mean of
        # the batch would make one image's logits depend on the others.
        origin = ops.mean(u, axis=0)
        x, u = x - origin, u - origin
        squared = ops.sum(x * x, axis=1)[:, None] + ops.sum(u * u, axis=1)
        squared = squared - 2.0 * ops.matmul(x, ops.transpose(u))
        votes = ops.reshape(
            -self.gamma * squared, (-1, self.num_classes, self.num_anchors)
        )
        return ops.logsumexp(votes, axis=-1)

    def compute_output_spec(self, inputs):
        double = keras.backend.standardize_dtype(inputs.dtype) == "float64"
        return keras.KerasTensor(
            (inputs.shape[0], self.num_classes),
            dtype="float64" if double else "float32",
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "num_anchors": self.num_anchors,
            "gamma": self.gamma,
            "initializer": keras.initializers.serialize(self.initializer)
            if self.initializer
            else None,
        }
