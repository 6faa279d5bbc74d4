"""Embeddings of earlier batches, to compare a batch with."""

import keras
import numpy as np
from keras import ops

from fgkeras.ops.eager_values import eager_values
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import check_label_type
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.precision import full_precision


@keras.saving.register_keras_serializable(package="fgkeras")
class CrossBatchMemory(keras.layers.Layer):
    """Appends the rows of the last batches to a batch, and remembers it.

    Embeddings drift slowly, so those of a few hundred steps ago still serve as
    negatives and positives. Use it in a step of your own where the batch is
    too small to hold hard negatives: every batch loss and every miner of this
    package takes the longer batch, and the first rows of its result belong to
    the batch.

        memory = CrossBatchMemory(4096)
        labels, embeddings = memory(labels, embeddings)
        per_image = losses.contrastive(labels, embeddings)[:batch_size]

    The memory is a ring: the oldest rows are replaced. Its rows carry no
    gradient. Free places have label -1, which the pair masks leave out.

    Args:
        size: Int at least 1, number of rows remembered.

    Call arguments:
        labels: Integer tensor of shape `(batch,)` or `(batch, 1)`; -1 for
            absent rows. Rows of whole numbers, `(batch, columns)`, where a
            relation such as `SharedLabels` is made of them; absent ones are -1
            throughout.
        embeddings: Float tensor of shape `(batch, dim)`, `batch` at most
            `size`.

    Returns:
        `(labels, embeddings)` of `batch + size` rows: the batch, then the
        memory as it was before this call; float32, or float64 for float64
        embeddings. The batch is remembered for the next call.

    Raises:
        ValueError: If `size` is below 1 or below the size of the batch, or a
            label is no whole number of at least -1: in a compiled graph, which
            cannot raise, its row is left out like an absent one.

    Example:
    >>> memory = CrossBatchMemory(3)
    >>> x = ops.array([[1.0], [2.0]])
    >>> [int(i) for i in memory(ops.array([5, 6]), x)[0]]
    [5, 6, -1, -1, -1]
    >>> [int(i) for i in memory(ops.array([7, 8]), x)[0]]
    [7, 8, 5, 6, -1]
    >>> [int(i) for i in memory(ops.array([9, 9]), x)[0]]
    [9, 9, 8, 6, 7]

    Note: wait some hundred steps before using the memory, or start from
    trained weights: embeddings drift fast at first.

    Reference:

    - [Wang et al., 2020](https://arxiv.org/abs/1912.06798), algorithm 1.
    """

    def __init__(self, size, **kwargs):
        # Cast to half precision, labels would merge and rows lose digits.
        super().__init__(autocast=False, **kwargs)
        self.size = Number(
            least=1,
            whole=True,
            hint="Leave the memory out to compare inside of the batch only.",
        ).checked("size", size)

    def __call__(self, labels, embeddings, **kwargs):
        # Before Keras makes a tensor of them, which not every type survives.
        if _of_columns(labels):
            _check_columns(labels, embeddings)
        else:
            labels = check_label_type(labels)
            if eager_values(labels) is not None:
                labels = integer_labels(labels)
        return super().__call__(labels, embeddings, **kwargs)

    def build(self, labels_shape, embeddings_shape):
        self.labels = self.add_weight(
            name="labels",
            shape=(self.size, *_columns(labels_shape)),
            dtype="int32",
            initializer=keras.initializers.Constant(-1),
            trainable=False,
        )
        self.rows = self.add_weight(
            name="rows",
            shape=(self.size, embeddings_shape[-1]),
            initializer="zeros",
            trainable=False,
            autocast=False,
        )
        self.next = self.add_weight(
            name="next",
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
        )

    def call(self, labels, embeddings):
        if _of_columns(labels):
            labels = ops.cast(labels, "int32")
        else:
            labels = integer_labels(labels)
        embeddings = full_precision(embeddings)
        batch = embeddings.shape[0]
        if batch is not None and batch > self.size:
            raise ValueError(
                "A batch must fit into the memory. Received: "
                f"size={self.size} for a batch of {batch}."
            )
        rows = ops.cast(ops.convert_to_tensor(self.rows), embeddings.dtype)
        longer = (
            ops.concatenate([labels, ops.convert_to_tensor(self.labels)]),
            ops.concatenate([embeddings, ops.stop_gradient(rows)]),
        )
        batch = ops.shape(labels)[0]
        places = (self.next + ops.arange(batch, dtype="int32")) % self.size
        places = places[:, None]
        kept = ops.stop_gradient(ops.cast(embeddings, self.rows.dtype))
        self.labels.assign(ops.scatter_update(self.labels, places, labels))
        self.rows.assign(ops.scatter_update(self.rows, places, kept))
        self.next.assign((self.next + batch) % self.size)
        return longer

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def _of_columns(labels):
    return bool(_columns(getattr(labels, "shape", ())))


def _columns(shape):
    """Returns what of a shape of labels follows the rows."""
    return tuple(shape[1:]) if len(shape) > 1 and shape[1] != 1 else ()


def _check_columns(labels, embeddings):
    """Refuses rows that are no labels, where their values can be seen."""
    values = eager_values(labels)
    if not hasattr(embeddings, "shape"):
        embeddings = np.asarray(embeddings)
    shape = tuple(embeddings.shape)
    whole = values is None or np.array_equal(values, np.floor(values))
    if len(shape) != 2 or not whole:
        raise ValueError(
            "Labels must be whole numbers, a row for each embedding, and "
            "embeddings of shape (batch, dim). Received: labels of shape "
            f"{tuple(labels.shape)}{'' if whole else ' with fractions'}, "
            f"embeddings of shape {shape}. Round them, or swap two arguments "
            "back."
        )
