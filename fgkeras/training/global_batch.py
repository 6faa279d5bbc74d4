"""Batch losses that see the batches of all replicas."""

import keras
from keras import ops

from fgkeras.losses.inner_loss import check_inner_labels
from fgkeras.losses.label_loss import LabelLoss
from fgkeras.losses.label_loss import num_classes_of
from fgkeras.ops.labels import integer_labels
from fgkeras.ops.labels import nan_where_wrong

_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


@keras.saving.register_keras_serializable(package="fgkeras")
class GlobalBatchLoss(LabelLoss):
    """Gives a batch loss the images of all replicas to compare with.

    Under `tf.distribute` each replica has a part of the batch only. A loss
    over pairs then misses the pairs between parts: wherever a class is split
    over the replicas, its positives are lost. This wrapper gathers embeddings
    and labels (the gradient flows back through the gathering), computes the
    loss on the whole batch, and keeps the values of the replica's own images:

        L_r = (R / n) sum_{i in replica r} l_i(all n images)

    so that the sum of the replicas' gradients is the gradient of one device
    with the whole batch, also where the parts differ in size. Without a
    strategy, with one replica and on other backends than TensorFlow it is the
    wrapped loss. Each replica computes all n^2 pairs.

    Args:
        loss: `keras.losses.Loss` whose `call` gives one value per image. Its
            own reduction is not used.
        reduction: As in `keras.losses.Loss`.
        name: String, or `None` for the name of `loss`.
        dtype: `"float32"`, `"float64"`, or `None` for that of `loss`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)`, or what `loss` takes.
        y_pred: What `loss` takes, one row per image; nested structures too.

    Returns:
        Scalar, or shape `(batch,)` with `reduction=None`.

    Raises:
        ValueError: If `loss` is no loss, takes soft labels, or gives another
            number of values than there are images, the dtype is half precision,
            or a label is no class: in a compiled `fit`, which cannot raise, it
            gives NaN.

    Example:
    >>> import numpy as np
    >>> inner = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> loss = GlobalBatchLoss(inner)
    >>> round(float(loss(np.array([0]), np.zeros((1, 2), "float32"))), 4)
    0.6931
    """

    def __init__(
        self, loss, *, reduction="sum_over_batch_size", name=None, dtype=None
    ):
        if not isinstance(loss, keras.losses.Loss):
            raise ValueError(
                "`loss` must be a `keras.losses.Loss`. Received: "
                f"loss={loss!r}. Put a function into a class whose `call` "
                "gives one value per image."
            )
        check_inner_labels(loss)
        super().__init__(reduction, name or loss.name, dtype or loss.dtype)
        self.loss = loss

    def call(self, y_true, y_pred):
        context = _replica_context()
        if context is None:
            return self._values(y_true, y_pred)
        gathered = keras.tree.map_structure(
            lambda x: _gathered(context, x), (y_true, y_pred)
        )
        values = self._values(*gathered)
        own = ops.shape(y_true)[0]
        sizes = context.all_gather(ops.reshape(own, (1,)), axis=0)
        number = ops.cast(context.replica_id_in_sync_group, sizes.dtype)
        before = ops.arange(ops.shape(sizes)[0], dtype=sizes.dtype) < number
        start = ops.sum(ops.where(before, sizes, 0))
        values = values[start : start + own]
        if self.reduction in _MEANS:
            # Keras divides by own * R next; the mean is over all images.
            share = own * context.num_replicas_in_sync / ops.sum(sizes)
            values = values * ops.cast(share, values.dtype)
        return values

    def _values(self, y_true, y_pred):
        classes = self.num_classes_of(y_pred)
        # Whether -1 may be there is for a loss of this library to say.
        absent = isinstance(self.loss, LabelLoss)
        if absent:
            labels = self.loss.labels_of(y_true, y_pred)
        else:
            labels = integer_labels(y_true, classes, absent=False)
        values = self.loss.call(y_true, y_pred)
        if len(values.shape) != 1:
            raise ValueError(
                "`loss` must give one value per image. Received: "
                f"loss={self.loss.name!r}, which gives shape "
                f"{tuple(values.shape)}. A sum or mean over the batch cannot "
                "be divided among replicas."
            )
        return nan_where_wrong(labels, values, classes, absent=absent)

    def check_labels(self, y_true, y_pred):
        if isinstance(self.loss, LabelLoss):
            self.loss.check_labels(y_true, y_pred)
        else:
            super().check_labels(y_true, y_pred)

    def num_classes_of(self, y_pred):
        return num_classes_of(self.loss, y_pred)

    def get_config(self):
        return {
            **super().get_config(),
            "loss": keras.saving.serialize_keras_object(self.loss),
        }

    @classmethod
    def from_config(cls, config):
        loss = keras.saving.deserialize_keras_object(config["loss"])
        return cls(**{**config, "loss": loss})


def _gathered(context, x):
    """Returns the rows of all replicas, their number alone unknown."""
    import tensorflow as tf

    # Of a batch of any size all of the shape is lost.
    rows = context.all_gather(x, axis=0)
    return tf.ensure_shape(rows, (None, *x.shape[1:]))


def _replica_context():
    """Returns the context of a replica that has others beside it."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync < 2:
        return None
    return context
