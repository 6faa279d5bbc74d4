"""Evaluation batches of arrays: the way that needs no TensorFlow."""

import keras
import numpy as np

from fgkeras.data.batches.shard import shard_rows
from fgkeras.training.batches import Batches
from fgkeras.training.replica_batches import padded_rows
from fgkeras.training.replica_batches import replicas_in_scope


def padded_arrays(arrays, labels, replicas, batch_size=64):
    """Returns weighted batches of arrays that all devices divide evenly.

    Args:
        arrays: Array, first axis the rows.
        labels: Integer array, one per row.
        replicas: Int at least 1.
        batch_size: Int, rounded up to a multiple. Defaults to `64`.

    Returns:
        `keras.utils.PyDataset` that `model.evaluate` takes.
    """
    rows, weights = padded_rows(len(labels), replicas)
    batch_size = -(-batch_size // replicas) * replicas
    return ArrayBatches(arrays[rows], labels[rows], batch_size, weights)


def evaluation_rows(rows, labels):
    """Returns what `model.evaluate` takes of rows, in a strategy's scope too.

    Args:
        rows: Array, first axis the rows.
        labels: Integer array, one per row.
    """
    replicas = replicas_in_scope()
    if replicas == 1:
        return rows, labels
    return padded_arrays(rows, labels, replicas)


class Crops:
    """Evaluation crops that are made when they are asked for.

    They take the place of an array where each is looked at once.

    Args:
        count: Int, how many there are.
        crop: Callable of the place of one image that returns its pixels.
    """

    def __init__(self, count, crop):
        self.count, self.crop = count, crop

    def __getitem__(self, part):
        rows = range(*part.indices(self.count))
        return np.stack([self.crop(i) for i in rows])


class ArrayBatches(keras.utils.PyDataset):
    """Evaluation batches of an array, in order.

    Args:
        pixels: Array, first axis the images, or `Crops`.
        labels: Integer array, one per image.
        batch_size: Int at least 1.
        weights: Float array, one per image, or `None`.
    """

    def __init__(self, pixels, labels, batch_size, weights=None):
        super().__init__()
        self.pixels, self.labels = pixels, np.asarray(labels, "int64")
        self.batch_size, self.weights = batch_size, weights

    def __len__(self):
        return -(-len(self.labels) // self.batch_size)

    def __getitem__(self, i):
        if i >= len(self):
            raise IndexError(i)
        part = slice(i * self.batch_size, (i + 1) * self.batch_size)
        batch = self.pixels[part].astype("float32"), self.labels[part]
        return batch if self.weights is None else (*batch, self.weights[part])


def row_batches(rows, labels, sampler):
    """Returns the `Batches` of rows, such as features, that a sampler draws.

    Args:
        rows: Array, first axis the images.
        labels: Integer array, one per row.
        sampler: From `fgkeras.data.batches.samplers.make_sampler`.
    """

    def start(step, shard=(0, 1)):
        part = shard_rows(sampler.batch_size, shard)
        while True:
            index = sampler.batch(step)[part]
            yield rows[index], labels[index]
            step += 1

    return Batches(start, sampler.steps_per_epoch)
