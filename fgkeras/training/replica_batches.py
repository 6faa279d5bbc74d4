"""Batches that several devices divide evenly, and what pads them."""

import math

import keras
import numpy as np


def replicas_in_scope():
    """Returns among how many devices a model built here divides its batches.

    Returns:
        Int at least 1: that of the `tf.distribute` strategy in whose scope it
        is called; `1` without one, and on other backends than TensorFlow.

    Example:
    >>> replicas_in_scope()
    1
    """
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def whole_shares(batch_size, replicas):
    """Returns the largest batch of at most `batch_size` that divides evenly.

    Use it where a set has fewer images than the batch that was asked for.

    Args:
        batch_size: Int at least 1.
        replicas: Int at least 1.

    Returns:
        Int, a multiple of `replicas`.

    Raises:
        ValueError: If there are fewer images than devices.

    Example:
    >>> whole_shares(31, 2), whole_shares(31, 1)
    (30, 31)
    """
    if batch_size < replicas:
        raise ValueError(
            "Every device takes at least one image of each training batch. "
            f"Received: a batch of {batch_size} for {replicas} devices. Train "
            "on fewer (train.replicas), or with more images."
        )
    return batch_size - batch_size % replicas


def padded_rows(num_rows, replicas):
    """Returns rows whose number the devices divide, and weights of them.

        w = n' / n for the n rows, 0 for those that pad them to n'

    so that a mean over n' weighted rows is the mean over the n.

    Args:
        num_rows: Int at least 1.
        replicas: Int at least 1.

    Returns:
        Tuple of an `int64` array of shape `(n',)`, the numbers of the rows in
        order and then row 0 as often as needed, and a `float32` array of their
        weights.

    Example:
    >>> rows, weights = padded_rows(3, 2)
    >>> rows.tolist(), [f"{w:.3f}" for w in weights]
    ([0, 1, 2, 0], ['1.333', '1.333', '1.333', '0.000'])
    """
    total = math.ceil(num_rows / replicas) * replicas
    rows = np.arange(total)
    real = rows < num_rows
    return np.where(real, rows, 0), np.where(
        real, total / num_rows, 0.0
    ).astype("float32")


def predict_batch(model, images):
    """Predicts one batch, each device its own part of it.

    `predict_on_batch` of a model built under a strategy computes the whole
    batch on every device.

    Args:
        model: `keras.Model`, built under a strategy or not.
        images: Array or tensor, first axis the rows, at least one.

    Returns:
        NumPy array, one row per image.

    Example:
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> predict_batch(model, np.ones((5, 2), "float32")).shape
    (5, 3)
    """
    strategy = getattr(model, "distribute_strategy", None)
    replicas = 1 if strategy is None else strategy.num_replicas_in_sync
    if replicas == 1:
        return model.predict_on_batch(images)
    images = np.asarray(images)
    rows, _ = padded_rows(len(images), replicas)
    parts = np.split(images[rows], replicas)
    values = strategy.experimental_distribute_values_from_function(
        lambda context: keras.ops.convert_to_tensor(
            parts[context.replica_id_in_sync_group]
        )
    )
    model.make_predict_function()
    outputs = model.predict_function([(values,)])
    return np.asarray(outputs)[: len(images)]
