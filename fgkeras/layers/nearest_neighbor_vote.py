"""A vote of the training images that are most alike."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.distances import unit_normalize
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import whole_labels
from fgkeras.ops.precision import full_precision
from fgkeras.ops.sketches.open_batch import is_open_batch

_WHOLE = Number(least=1, whole=True)
_TEMPERATURE = Number(above=0, hint="0.07 is usual.")


@keras.saving.register_keras_serializable(package="fgkeras")
class NearestNeighborVote(keras.layers.Layer):
    """Gives logits by the votes of the `k` most similar training images.

    Use it as a head without training, `remember` its images, and add images
    and classes by remembering them too. Of the `k` images of largest cosine,
    each votes for its class y with `exp(cosine / temperature)`:

        z_c = log sum_{i in N_k(x), y_i = c} exp(cos(x, x_i) / temperature)

    A softmax of the logits is each class's share of the votes; a class that no
    neighbour is of has a share below 1e-30.

    Args:
        units: Int at least 1, number of classes.
        k: Int at least 1; all images where there are fewer. Defaults to `10`.
        temperature: Float above 0; towards 0 the nearest image alone decides.
            Defaults to `0.07`.
        num_images: Int at least 1, the images remembered. Defaults to `1`.

    Call arguments:
        inputs: Float tensor of shape `(batch, dim)`, of any length.

    Output shape:
        `(batch, units)`.

    Raises:
        ValueError: If a number is out of range, or images and labels do not
            fit.

    Example:
    >>> layer = NearestNeighborVote(2, k=1, num_images=2)
    >>> layer.remember(np.eye(2), [0, 1])
    >>> np.asarray(layer(np.array([[0.1, 3.0]]))).argmax(axis=1).tolist()
    [1]

    Reference:

    - [Wu et al., 2018](https://arxiv.org/abs/1805.01978), section 3.4:
      weights and temperature.
    """

    # Nothing is added: what looks for the bias of a head finds none.
    bias = None

    def __init__(
        self, units, *, k=10, temperature=0.07, num_images=1, **kwargs
    ):
        super().__init__(autocast=False, **kwargs)
        self.units = int(_WHOLE.checked("units", units))
        self.k = int(_WHOLE.checked("k", k))
        self.num_images = int(_WHOLE.checked("num_images", num_images))
        self.temperature = _TEMPERATURE.checked("temperature", temperature)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape):
        self.images = self.add_weight(
            name="images",
            shape=(self.num_images, input_shape[-1]),
            initializer="zeros",
            trainable=False,
            autocast=False,
        )
        self.labels = self.add_weight(
            name="labels",
            shape=(self.num_images,),
            initializer="zeros",
            dtype="int32",
            trainable=False,
        )

    def remember(self, vectors, labels):
        """Takes the vectors of the training images, in place of others.

        Args:
            vectors: Float array of shape `(num_images, dim)`.
            labels: Integer array of shape `(num_images,)`, in `[0, units)`.
        """
        vectors = np.asarray(vectors)
        labels = whole_labels(labels, self.units)
        if len(vectors) != self.num_images or len(labels) != self.num_images:
            raise ValueError(
                f"The layer remembers {self.num_images} images. Received: "
                f"vectors of shape {vectors.shape}, {len(labels)} labels."
            )
        if not self.built:
            self.build((None, vectors.shape[1]))
        unit = np.asarray(
            ops.convert_to_numpy(unit_normalize(full_precision(vectors))),
            "float32",
        )
        self.images.assign(unit)
        self.labels.assign(labels.astype("int32"))

    def call(self, inputs):
        x = unit_normalize(full_precision(inputs))
        memory = ops.cast(ops.convert_to_tensor(self.images), x.dtype)
        cosines = ops.matmul(x, ops.transpose(memory))
        nearest, places = ops.top_k(cosines, min(self.k, self.num_images))
        classes = ops.take(ops.convert_to_tensor(self.labels), places, axis=0)
        # Of the largest, so that no vote overflows.
        votes = ops.exp((nearest - nearest[:, :1]) / self.temperature)
        if is_open_batch():
            # Other runtimes add nothing up where places are the same.
            each = ops.one_hot(classes, self.units, dtype=votes.dtype)
            counted = ops.sum(votes[..., None] * each, axis=1)
            return ops.log(counted + 1e-30)
        # Added up in place: a one-hot row for each vote would hold a number for
        # every image, neighbour and class.
        rows = ops.broadcast_to(
            ops.arange(ops.shape(x)[0], dtype="int32")[:, None],
            ops.shape(classes),
        )
        places = ops.stack([ops.ravel(rows), ops.ravel(classes)], axis=-1)
        shape = (ops.shape(x)[0], self.units)
        counted = ops.scatter(places, ops.ravel(votes), shape)
        return ops.log(counted + 1e-30)

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.units

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "k": self.k,
            "temperature": self.temperature,
            "num_images": self.num_images,
        }
