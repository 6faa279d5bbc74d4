"""tf.data pipelines that can start at any step and give the same batches."""

import functools
import itertools

import numpy as np

from fgkeras.data.batches.shard import shard_rows
from fgkeras.data.images import image
from fgkeras.data.images.augment import NUM_RANDOM
from fgkeras.data.images.encoded import read_checked
from fgkeras.data.images.ready import READY
from fgkeras.data.images.ready import ready_format
from fgkeras.data.sources.boxes import box_windows
from fgkeras.data.whole_numbers import whole_numbers


class EncodedImages:
    """Looks encoded images up by index inside a tf.data graph.

    Args:
        encoded: List of bytes, held as one string tensor; or `None`.
        reader: Callable of an integer index returning bytes, used when the
            set is too large for memory.
        normalized: Bool, whether what `reader` gives has gone through
            `fgkeras.data.images.image.normalize`. Defaults to `False`.
        boxes: Float array of shape `(num_images, 4)`: `ymin, xmin, ymax, xmax`
            relative to each image, of which nothing else is seen; `None`
            (default) for whole images.

    Example:

    >>> import fgkeras.data
    >>> source = fgkeras.data.open("flora:species=2,images=3,size=32")
    >>> encoded, _, _ = fgkeras.data.load_encoded(source, "train")
    >>> images = EncodedImages(encoded)
    >>> images.headers[0].format, images.headers[0].width
    ('jpeg', 32)
    >>> images(0).numpy() == encoded[0]
    True
    """

    def __init__(
        self, encoded=None, reader=None, *, normalized=False, boxes=None
    ):
        import tensorflow as tf

        self.boxes = boxes
        self.reader, self.normalized = reader, normalized
        self.encoded = encoded
        self.table = None
        if encoded is not None:
            with tf.device("CPU:0"):
                self.table = tf.constant(np.asarray(encoded, dtype=object))

    @functools.cached_property
    def headers(self):
        """`ImageInfo` of every image, or `None` if they stay on disk."""
        if self.encoded is None:
            return None
        return [image.inspect(data) for data in self.encoded]

    @functools.cached_property
    def frames(self):
        """`int32` windows of the boxes, or `None` if images stay on disk."""
        if self.boxes is None or self.headers is None:
            return None
        wide, high = np.array([x.upright_size for x in self.headers]).T
        return box_windows(self.boxes, high, wide)

    def frame(self, index, encoded):
        """Returns the window of the box of image `index`, or `None`.

        Args:
            index: Integer tensor.
            encoded: What `__call__` gives for it.
        """
        import tensorflow as tf

        if self.boxes is None:
            return None
        if self.frames is not None:
            return tf.gather(tf.constant(self.frames), index)
        found = tf.numpy_function(self._frame, [index, encoded], tf.int32)
        return tf.ensure_shape(found, (4,))

    def _frame(self, index, encoded):
        wide, high = image.inspect(encoded).upright_size
        return box_windows(self.boxes[[int(index)]], [high], [wide])[0]

    @functools.cached_property
    def ready_formats(self):
        """Formats of images that were made ready, or `None`.

        Where all are opaque JPEGs and upright PNGs of 8 bits, as
        `load_encoded` leaves them, a small graph decodes them: 55 nodes of one
        format, 502 with JPEGs to be turned, of 1,718 for whatever comes. Each
        pass over images makes it anew.
        """
        if self.encoded is None:
            return READY if self.normalized else None
        try:
            found = {ready_format(info) for info in self.headers}
        except image.BadImage:
            return None  # The decoder says which.
        return None if None in found or not found else frozenset(found)

    @classmethod
    def from_source(cls, source, split):
        """Images of one split, read from the source whenever asked."""
        ids = source.split(split).ids
        return cls(
            reader=lambda i: read_checked(source, ids[int(i)]), normalized=True
        )

    def __call__(self, index):
        """Returns the scalar string tensor of image `index`."""
        import tensorflow as tf

        if self.table is not None:
            return tf.gather(self.table, index)
        out = tf.numpy_function(self.reader, [index], tf.string)
        return tf.ensure_shape(out, ())


def training_dataset(
    images,
    labels,
    sampler,
    augmentation,
    *,
    seed,
    start=0,
    shard=(0, 1),
    steps=None,
):
    """Builds the training pipeline from step `start` on.

    It is endless: in `model.fit` give `steps_per_epoch`, or `steps` here, or
    the first epoch never ends.

    The batch of step `t` depends only on `(seed, t)`: a training that was
    killed continues with `start` set to its step and sees what it would have
    seen.

        (seed, t) -> indices, random numbers, windows -> bytes -> pixels

    What can be decided for a whole batch at once is, so that the work left
    per image is little more than its decoding.

    Args:
        images: `EncodedImages`.
        labels: Integer array of shape `(num_images,)`.
        sampler: From `fgkeras.data.batches.samplers.make_sampler`.
        augmentation: An `Augmentation`.
        seed: Int.
        start: Int, the first step. Defaults to `0`.
        shard: Tuple `(number, count)`, a part of each batch. Defaults to all.
        steps: Int at least 1, after which a pass ends, such as
            `sampler.steps_per_epoch`; the next pass goes on behind it, so that
            every epoch of a `fit` draws anew. Defaults to `None`, endless.

    Returns:
        `tf.data.Dataset` of `(float32 (batch, size, size, 3), int64 (batch,))`.

    Raises:
        ValueError: If `steps` is no such number.

    Example:

    >>> import fgkeras.data
    >>> source = fgkeras.data.open("flora:species=2,images=4,size=32")
    >>> encoded, split, _ = fgkeras.data.load_encoded(source, "train")
    >>> sampler = fgkeras.data.make_sampler("uniform", split.labels, 4)
    >>> batches = training_dataset(
    ...     EncodedImages(encoded), split.labels, sampler,
    ...     fgkeras.data.Augmentation(size=16), seed=0, steps=2,
    ... )
    >>> [(tuple(pixels.shape), tuple(y.shape)) for pixels, y in batches]
    [((4, 16, 16, 3), (4,)), ((4, 16, 16, 3), (4,))]
    """
    import tensorflow as tf

    if steps is not None and (type(steps) is not int or steps < 1):
        raise ValueError(
            "`steps` must be a whole number at least 1, or None. Received: "
            f"steps={steps!r}."
        )
    labels = tf.constant(whole_numbers("labels", labels))
    batch = sampler.batch_size
    rows = shard_rows(batch, shard)

    passes = itertools.count()

    def drawn():
        if steps is None:
            numbers = itertools.count(start)
        else:
            first = start + next(passes) * steps
            numbers = range(first, first + steps)
        for step in numbers:
            yield np.asarray(sampler.batch(step), "int64"), step

    ready = images.ready_formats
    sizes = are_jpeg = turns = corners = None
    if augmentation.has_window and images.headers is not None:
        # Upright width and height, and how the decoder turns the image.
        sizes = tf.constant(
            [(*x.upright_size, x.orientation) for x in images.headers], "int32"
        )
        if all(x.orientation == 1 for x in images.headers):
            turns = 1
        if images.frames is not None:
            sizes = tf.concat(
                [images.frames[:, 3:], images.frames[:, 2:3], sizes[:, 2:]], 1
            )
            corners = tf.constant(images.frames * [1, 1, 0, 0], "int32")
        formats = {x.format == "jpeg" for x in images.headers}
        are_jpeg = formats.pop() if len(formats) == 1 else None

    def plan(indices, step):
        numbers = tf.random.stateless_uniform(
            [batch, NUM_RANDOM], tf.stack([tf.constant(seed, "int64"), step])
        )
        indices, numbers = indices[rows], numbers[rows]
        if sizes is None:
            return indices, numbers
        wide, high, turn = tf.unstack(tf.gather(sizes, indices), axis=-1)
        windows = augmentation.windows(high, wide, numbers)
        if corners is not None:
            windows += tf.gather(corners, indices)
        return indices, numbers, windows, turn

    def one(index, numbers, window=None, turn=None):
        encoded = images(index)
        frame = images.frame(index, encoded)
        pixels = augmentation.apply(
            encoded, numbers, window, are_jpeg, turns or turn, ready, frame
        )
        return pixels, tf.gather(labels, index)

    dataset = tf.data.Dataset.from_generator(
        drawn,
        output_signature=(
            tf.TensorSpec((batch,), "int64"),
            tf.TensorSpec((), "int64"),
        ),
    )
    dataset = dataset.map(as_it_is(plan)).unbatch()
    dataset = dataset.map(
        as_it_is(one), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    size = rows.stop - rows.start
    dataset = dataset.batch(size, drop_remainder=True)
    if steps is not None:
        # So that `fit` knows how far it is.
        dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.prefetch(2)


def evaluation_dataset(images, labels, batch_size, *, size, resize=None):
    """Builds the finite pipeline of evaluation crops, in order.

    Args:
        images: `EncodedImages`.
        labels: Integer array of shape `(num_images,)`.
        batch_size: Int.
        size: Int, output height and width in pixels.
        resize: Int, shorter side before the central crop, in pixels; `None`
            takes the largest central square. Defaults to `None`.

    Returns:
        `tf.data.Dataset` of `(float32 (batch, size, size, 3), int64 (batch,))`.

    Example:

    >>> import fgkeras.data
    >>> source = fgkeras.data.open("flora:species=2,images=4,test=2,size=32")
    >>> encoded, split, _ = fgkeras.data.load_encoded(source, "test")
    >>> batches = evaluation_dataset(
    ...     EncodedImages(encoded), split.labels, 3, size=16
    ... )
    >>> [(tuple(pixels.shape), y.numpy().tolist()) for pixels, y in batches]
    [((3, 16, 16, 3), [0, 0, 1]), ((1, 16, 16, 3), [1])]
    """
    import tensorflow as tf

    from fgkeras.data.images.decode import decode_for_evaluation

    labels = whole_numbers("labels", labels)

    ready = images.ready_formats

    def one(index, label):
        encoded = images(index)
        pixels = decode_for_evaluation(
            encoded,
            size,
            resize,
            ready_formats=ready,
            frame=images.frame(index, encoded),
        )
        return pixels, label

    dataset = tf.data.Dataset.from_tensor_slices(
        (np.arange(len(labels)), labels)
    )
    dataset = dataset.map(
        as_it_is(one), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )
    return dataset.batch(batch_size).prefetch(2)


def as_it_is(function):
    """Returns a function for `map` whose Python is not rewritten for graphs.

    Ours calls `tf.cond` itself, and the rewriting takes some seconds of every
    training.
    """
    import tensorflow as tf

    return tf.autograph.experimental.do_not_convert(function)
