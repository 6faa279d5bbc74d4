"""The images of a run as batches: tf.data, or arrays without TensorFlow."""

import copy
import hashlib

import keras
import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.batches.shard import shard_rows
from fgkeras.data.images.augment import Augmentation
from fgkeras.data.images.encoded import content_hash
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.images.on_disk import EncodedOnDisk
from fgkeras.layers import RandomPadCropFlip
from fgkeras.training import Batches
from fgkeras.training.progress import progress_bar
from fgkeras.training.replica_batches import padded_rows
from fgkeras.training.replica_batches import replicas_in_scope


class SplitImages:
    """Images of one split, held encoded in memory, served as batches.

    With `data.input="disk"` they stay where they are: ids and labels alone
    are in memory, and every image is read from the source when it is asked
    for, as often as it is.

    Attributes:
        sha256: Dict of id to the first 16 hexadecimal digits of the SHA-256 of
            the bytes that were read; it fills while images are read with
            `data.input="disk"`.
        left_out: Int, images left out since they were trained on.

    Args:
        source: A `Source`.
        split: String.
        config: A `Config`.
        quiet: Bool, no progress bar. Defaults to `False`.
        once: Bool, whether the images are looked at once or twice: they stay
            on the disk then, unless unreadable ones are to be left out or
            there are only arrays. Defaults to `False`.
    """

    def __init__(self, source, split, config, quiet=False, *, once=False):
        self.config = config
        self.use_arrays = config.data.input == "arrays" or (
            config.data.input == "auto"
            and keras.backend.backend() != "tensorflow"
        )
        stay = once and not (config.data.skip_bad or self.use_arrays)
        self.sha256, self.left_out = {}, 0
        source = _noting(source, self.sha256)
        with progress_bar(f"reading {split} images", quiet=quiet) as progress:
            if config.data.input == "disk" or stay:
                self.encoded = EncodedOnDisk(source, split)
                chosen, self.refused = source.split(split), []
            else:
                self.encoded, chosen, self.refused = load_encoded(
                    source,
                    split,
                    skip_bad=config.data.skip_bad,
                    progress=progress,
                )
        self.ids, self.labels = chosen.ids, chosen.labels
        self.size = config.data.size
        self.resize = config.data.resize
        # Made once, also for the stages that look at the same images.
        self._made = {}

    def __len__(self):
        return len(self.labels)

    @property
    def pixels(self):
        """Evaluation crops, `uint8 (num_images, size, size, 3)`."""
        if "pixels" not in self._made:
            self._made["pixels"] = arrays.decode_split(
                self.encoded, self.size, self.resize
            )
        return self._made["pixels"]

    @property
    def images(self):
        """The encoded images as tf.data looks them up."""
        if "images" not in self._made:
            from fgkeras.data.batches.pipeline import EncodedImages

            if isinstance(self.encoded, list):
                made = EncodedImages(self.encoded)
            else:
                made = EncodedImages(reader=lambda i: self.encoded[int(i)])
            self._made["images"] = made
        return self._made["images"]

    def of_stage(self, stage):
        """Returns the images, drawn and augmented as a stage has it.

        Args:
            stage: The `Config` of the stage.
        """
        twin = copy.copy(self)
        twin.config = stage
        return twin

    def take(self, indices):
        """Returns some of the images, in their order."""
        twin = copy.copy(self)
        twin._made = {}
        twin.ids = tuple(self.ids[i] for i in indices)
        twin.labels = self.labels[np.asarray(indices, "int64")]
        if isinstance(self.encoded, list):
            twin.encoded = [self.encoded[i] for i in indices]
        else:
            twin.encoded = self.encoded.take(indices)
        return twin

    def without(self, sha256):
        """Returns the places of images whose bytes are not among some.

        Args:
            sha256: Set of digests as in `sha256`.
        """
        return [
            i
            for i, image_id in enumerate(self.ids)
            if self.sha256.get(image_id) not in sha256
        ]

    def plus(self, rejected):
        """Returns these images and, without a class, those of another."""
        twin = copy.copy(self)
        twin._made = {}
        twin.ids = (*self.ids, *rejected.ids)
        none = np.full(len(rejected), -1, "int64")
        twin.labels = np.concatenate([self.labels, none])
        twin.encoded = (
            self.encoded + rejected.encoded
            if isinstance(self.encoded, list)
            else EncodedOnDisk.joined(self.encoded, rejected.encoded)
        )
        return twin

    def key(self):
        """What names the content of the evaluation crops."""
        return {
            "images": content_hash(self.encoded),
            "size": self.size,
            "resize": self.resize,
            "arrays": self.use_arrays,
        }

    def training(self, sampler):
        """Returns `Batches`, augmented, that a sampler draws."""
        data = self.config.data
        if self.use_arrays:
            return Batches(
                lambda step, shard=(0, 1): arrays.batches(
                    self.pixels, self.labels, sampler, step, shard
                ),
                sampler.steps_per_epoch,
            )
        from fgkeras.data.batches.pipeline import training_dataset

        kind, more = data.augmentation, {}
        if kind == "random_crop":
            more = {"resize": data.train_resize}
        elif kind == "random_resized_crop":
            more = {"min_area": data.min_area}
        augmentation = Augmentation(
            kind,
            size=self.size,
            flip=data.flip,
            color=data.color,
            evaluation_resize=self.resize,
            **more,
        )
        return Batches(
            lambda step, shard=(0, 1): training_dataset(
                self.images,
                self.labels,
                sampler,
                augmentation,
                seed=self.config.seed,
                start=step,
                shard=shard,
            ),
            sampler.steps_per_epoch,
        )

    def augmentation_layer(self):
        """Returns the layer that augments arrays, or `None` with tf.data."""
        data = self.config.data
        if not self.use_arrays:
            return None
        if data.augmentation not in ("pad_crop", "none") or data.color:
            raise ValueError(
                "Arrays in memory are augmented by `pad_crop` or `none`, "
                "without colour. Received: data.augmentation="
                f"{data.augmentation!r}, data.color={data.color}. Set "
                "--set data.augmentation=pad_crop, or use the TensorFlow "
                "backend."
            )
        padding = 4 if data.augmentation == "pad_crop" else 0
        return RandomPadCropFlip(padding, data.flip, seed=self.config.seed)

    def evaluation(self, batch_size=64, start=0):
        """Returns what `model.predict` and `extract_features` take.

        Args:
            batch_size: Int at least 1. Defaults to `64`.
            start: Int, images left out at the beginning. Defaults to `0`.
        """
        if start:
            rest = self.take(range(start, len(self)))
            return rest.evaluation(batch_size)
        if self.use_arrays:
            return _ArrayBatches(self.pixels, self.labels, batch_size)
        from fgkeras.data.batches.pipeline import evaluation_dataset

        return evaluation_dataset(
            self.images,
            self.labels,
            batch_size,
            size=self.size,
            resize=self.resize,
        )

    def validation(self, batch_size=64):
        """Returns what `model.evaluate` takes, in a strategy's scope too.

        Several devices get batches that they divide evenly, with weights that
        leave out what fills them.
        """
        replicas = replicas_in_scope()
        if replicas == 1:
            return self.evaluation(batch_size)
        batch_size = -(-batch_size // replicas) * replicas
        if self.use_arrays:
            return padded_arrays(self.pixels, self.labels, replicas, batch_size)
        import tensorflow as tf

        def pad(images, labels):
            missing = -tf.shape(labels)[0] % replicas
            images = tf.concat([images, tf.repeat(images[:1], missing, 0)], 0)
            return images, tf.pad(labels, [[0, missing]])

        _, weights = padded_rows(len(self), replicas)
        weights = tf.data.Dataset.from_tensor_slices(weights).batch(batch_size)
        return tf.data.Dataset.zip(
            self.evaluation(batch_size).map(pad), weights
        ).map(lambda batch, weight: (*batch, weight))

    def thumbnail(self, i):
        """Returns image `i` as a small `PIL.Image`."""
        return arrays.thumbnail(self.encoded[i])


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


def _noting(source, sha256):
    """Returns the source, whose reads note what they read."""
    twin = source.with_splits(source.splits)
    for image_id, (digest, _) in source.sound.items():
        sha256[image_id] = digest.hex()[:16]

    def read(image_id):
        data = source.read(image_id)
        if image_id not in sha256:
            sha256[image_id] = hashlib.sha256(data).hexdigest()[:16]
        return data

    twin.read = read
    return twin


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
    return _ArrayBatches(arrays[rows], labels[rows], batch_size, weights)


class _ArrayBatches(keras.utils.PyDataset):
    """Evaluation batches of an array, in order."""

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
