"""The images of a run as batches: tf.data, or arrays without TensorFlow."""

import concurrent.futures
import copy
import typing

import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.images.augment import Augmentation
from fgkeras.data.images.encoded import content_hash
from fgkeras.data.images.encoded import load_encoded
from fgkeras.data.images.noting import noting
from fgkeras.data.images.on_disk import EncodedOnDisk
from fgkeras.data.images.screened import KEEP_BYTES
from fgkeras.data.images.screened import screened_split
from fgkeras.data.sources.boxes import widened
from fgkeras.layers import RandomPadCropFlip
from fgkeras.runs.views import View
from fgkeras.runs.views import bad_images_named
from fgkeras.runs.views import batch_of
from fgkeras.runs.views import check_arrays
from fgkeras.training import Batches
from fgkeras.training.array_batches import ArrayBatches
from fgkeras.training.array_batches import Crops
from fgkeras.training.array_batches import padded_arrays
from fgkeras.training.extract import extract_features
from fgkeras.training.replica_batches import padded_rows
from fgkeras.training.replica_batches import replicas_in_scope
from fgkeras.training.reporter import CONSOLE

_AHEAD = 64  # Images that are read before their turn.


class SplitImages:
    """Images of one split, held encoded in memory, served as batches.

    With `data.input="disk"` they stay where they are: ids and labels alone
    are in memory, and every image is read from the source when it is asked
    for, as often as it is.

    Attributes:
        view: The `View` that they are evaluated under.
        sha256: Dict of id to the first 16 hexadecimal digits of the SHA-256 of
            the bytes that were read; it fills while images are read with
            `data.input="disk"`.
        refused: List of `(id, reason)` of what was left out (`data.skip_bad`).
        left_out: Int, images left out since they were trained on.

    Args:
        source: A `Source`.
        split: String.
        config: A `Config`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.
        once: Bool, whether the images are looked at once or twice: they stay
            on the disk then. Defaults to `False`.
    """

    def __init__(self, source, split, config, reporter=CONSOLE, *, once=False):
        self.config = config
        self.view = View.of(config)
        self.reporter = reporter
        self.sha256, self.left_out = {}, 0
        skip_bad = config.data.skip_bad
        if config.data.input == "disk" or once:
            source, self.refused = source, []
            if skip_bad:
                source, self.refused = screened_split(source, split)
            source = noting(source, self.sha256)
            self.encoded = EncodedOnDisk(source, split, self.view.decoder)
            chosen = source.split(split)
        else:
            source = noting(source, self.sha256)
            with self._reading(split) as progress:
                self.encoded, chosen, self.refused = load_encoded(
                    source,
                    split,
                    skip_bad=skip_bad,
                    progress=progress,
                    decoder=self.view.decoder,
                )
        self.ids, self.labels = chosen.ids, chosen.labels
        self.boxes = None
        if config.data.crop_to_box:
            self.boxes = widened(chosen.boxes, config.data.box_margin)
        self.split = split
        # Made once, also for the stages that look at the same images.
        self._made = {}

    def _reading(self, split):
        return self.reporter.bar(f"reading {split} images")

    def __len__(self):
        return len(self.labels)

    @property
    def size(self):
        """Side of the evaluation crop, in pixels."""
        return self.view.size

    @property
    def resize(self):
        """The shorter side before it, in pixels."""
        return self.view.resize

    @property
    def use_arrays(self):
        """Whether batches are made of arrays, without tf.data."""
        return self.view.arrays

    @property
    def pixels(self):
        """Evaluation crops, `uint8 (num_images, size, size, 3)`."""
        if "pixels" not in self._made:
            self._made["pixels"] = arrays.decode_split(
                self.encoded, self.view.size, self.view.resize, self.boxes
            )
        return self._made["pixels"]

    def box(self, i):
        """Returns the box that image `i` is cropped to, or `None`."""
        return None if self.boxes is None else self.boxes[i]

    def crop(self, i):
        """Returns the evaluation crop of image `i`."""
        return self.view.crop(self.encoded[i], self.box(i))

    def under(self, view):
        """Returns the same images under another `View`."""
        if view == self.view:
            return self
        twin = copy.copy(self)
        twin.view, twin._made = view, dict(self._made)
        twin._made.pop("pixels", None)
        return twin

    @property
    def images(self):
        """The encoded images as tf.data looks them up."""
        if "images" not in self._made:
            from fgkeras.data.batches.pipeline import EncodedImages

            if isinstance(self.encoded, list):
                made = EncodedImages(self.encoded, boxes=self.boxes)
            else:
                made = EncodedImages(
                    reader=lambda i: self.encoded[int(i)],
                    normalized=True,
                    boxes=self.boxes,
                )
            self._made["images"] = made
        return self._made["images"]

    def of_stage(self, stage):
        """Returns the images, seen, drawn and augmented as a stage has it.

        Args:
            stage: The `Config` of the stage.
        """
        view = View.of(stage)
        twin = copy.copy(self) if view == self.view else self.under(view)
        twin.config = stage
        return twin

    def take(self, indices):
        """Returns some of the images, in their order."""
        twin: typing.Any = copy.copy(self)
        twin._made = {}
        twin.ids = tuple(self.ids[i] for i in indices)
        twin.labels = self.labels[np.asarray(indices, "int64")]
        if self.boxes is not None:
            twin.boxes = self.boxes[np.asarray(indices, "int64")]
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
        if self.boxes is not None:
            twin.boxes = np.concatenate([self.boxes, rejected.boxes])
        twin.encoded = (
            self.encoded + rejected.encoded
            if isinstance(self.encoded, list)
            else EncodedOnDisk.joined(self.encoded, rejected.encoded)
        )
        return twin

    def content(self):
        """Returns the SHA-256 of all images as hex; it reads each once."""
        if "content" not in self._made:
            stay = not isinstance(self.encoded, list)
            bytes_of_all = self._read_again() if stay else self.encoded
            self._made["content"] = content_hash(bytes_of_all)
        return self._made["content"]

    def _read_again(self):
        """Yields the images, some read ahead."""
        count = len(self)
        with (
            self._reading(self.split) as progress,
            concurrent.futures.ThreadPoolExecutor(4) as pool,
        ):
            for start in range(0, count, _AHEAD):
                rows = range(start, min(start + _AHEAD, count))
                yield from pool.map(self.encoded.__getitem__, rows)
                progress(rows.stop, count)

    def key(self):
        """What names the content of the evaluation crops."""
        seen = {}
        if self.boxes is not None:
            seen["boxes"] = content_hash([self.boxes.tobytes()])
        return {
            **seen,
            "images": self.content(),
            "size": self.view.size,
            "resize": self.view.resize,
            "arrays": self.view.arrays,
            "seen_by": self.view.decoder,
        }

    def training(self, sampler):
        """Returns `Batches`, augmented, that a sampler draws."""
        data = self.config.data
        if self.view.arrays:
            check_arrays(data.input)
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
            size=self.view.size,
            flip=data.flip,
            color=data.color,
            evaluation_resize=self.view.resize,
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
        if not self.view.arrays:
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
        if self.view.arrays:
            crops = self._made.get("pixels")
            if crops is None:
                crops = Crops(len(self), self.crop)
            return ArrayBatches(crops, self.labels, batch_size)
        from fgkeras.data.batches.pipeline import evaluation_dataset

        return evaluation_dataset(
            self.images,
            self.labels,
            batch_size,
            size=self.view.size,
            resize=self.view.resize,
        )

    def features(self, model, name, *, cached=True):
        """Returns what a model makes of the evaluation crops.

        Args:
            model: `keras.Model` from raw pixels to vectors.
            name: String, for the progress bar.
            cached: Bool, whether whoever asks next finds them. Defaults to
                `True`.

        Returns:
            `float32` array, first axis the images.
        """
        key = self.key() if cached else None
        named = bad_images_named(self)
        with named, self.reporter.bar(f"features of {name}") as bar:
            return extract_features(
                model,
                self.evaluation,
                num_images=len(self),
                key=key,
                progress=bar,
            )

    def answers(self, model, views="center"):
        """Returns what a model makes of the evaluation crops, float32.

        In a strategy's scope no device is given an empty part of a batch:
        some kernels fail on one.

        Args:
            model: `keras.Model` from raw pixels to an array.
            views: String, the views that it averages over, whose square it
                takes. Defaults to `"center"`, the crop alone.
        """
        seen = self.under(self.view.holding(views))
        several = replicas_in_scope() > 1
        batches = seen.validation if several else seen.evaluation
        with bad_images_named(self):
            found = model.predict(batches(batch_of(64, views)), verbose=0)
        return np.asarray(found[: len(self)], "float32")

    def validation(self, batch_size=64):
        """Returns what `model.evaluate` takes, in a strategy's scope too.

        Several devices get batches that they divide evenly, with weights that
        leave out what fills them.
        """
        replicas = replicas_in_scope()
        if self.view.arrays:
            self.pixels  # noqa: B018  Each epoch looks at them.
        if replicas == 1:
            return self.evaluation(batch_size)
        batch_size = -(-batch_size // replicas) * replicas
        if self.view.arrays:
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
        return arrays.thumbnail(self.encoded[i], box=self.box(i))


def kept_bytes(config):
    """Returns the bytes of images that opening keeps for `SplitImages`.

    Args:
        config: A `Config`.
    """
    return 0 if config.data.input == "disk" else KEEP_BYTES
