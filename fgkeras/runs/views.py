"""What a run sees of a picture: its evaluation crop, by one decoder."""

import contextlib
import dataclasses
import functools
import importlib.util
import sys

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.data.batches import arrays
from fgkeras.data.images import image
from fgkeras.data.sources.boxes import box_windows
from fgkeras.registries import VIEWS

# The memory of a model grows with the pixels of its batch.
_BATCH, _PIXELS = 32, 16 * 96 * 96


@dataclasses.dataclass(frozen=True)
class View:
    """The evaluation crop that a training, and all that follows it, sees.

    Args:
        size: Int, side of the crop in pixels.
        resize: Int, the shorter side before it, in pixels.
        arrays: Bool, whether Pillow decodes, else TensorFlow. Defaults to
            `False`.
        decoder: Int, `fgkeras.data.images.image.DECODER_VERSION` (default), or
            that of an earlier run.
    """

    size: int
    resize: int
    arrays: bool = False
    decoder: int = image.DECODER_VERSION

    @classmethod
    def of(cls, config):
        """Returns the view of a resolved `Config`."""
        data = config.data
        return cls(
            data.size,
            data.resize,
            decodes_by_pillow(data.input),
            config.decoder or image.DECODER_VERSION,
        )

    @property
    def batch_size(self):
        """Int, how many crops go through a model in about equal memory."""
        return max(1, min(_BATCH, _PIXELS // self.size**2))

    def holding(self, views):
        """Returns the square that all of some views are cut from.

        Args:
            views: String, one of `fgkeras.registries.VIEWS`. Those that are no
                more than the crop itself leave it as it is.
        """
        side = VIEWS.load(views)(self.size).side
        if side == self.size:
            return self
        return dataclasses.replace(self, size=side, resize=side)

    def crop(self, encoded, box=None):
        """Returns the crop of one picture, an array `(size, size, 3)`.

        Args:
            encoded: Bytes, as from `fgkeras.data.images.image.normalize`.
            box: Four floats, as `evaluation_crop` takes them, or `None`
                (default).

        Raises:
            BadImage: If it does not decode.
        """
        if self.arrays:
            return arrays.evaluation_crop(encoded, self.size, self.resize, box)
        import tensorflow as tf

        frames = []
        if box is not None:
            wide, high = image.inspect(encoded).upright_size
            frames = [*box_windows([box], [high], [wide])]
        try:
            return _decoder(self.size, self.resize)(encoded, *frames).numpy()
        except tf.errors.InvalidArgumentError as error:
            raise image.BadImage(error.message) from error

    def stream(self, pictures, batch_size=None):
        """Returns the crops of any number of pictures, a batch at a time.

        One batch is in memory, however many pictures there are.

        Args:
            pictures: Iterable of bytes, as files hold them; or of callables
                that return bytes, called when their turn comes.
            batch_size: Int at least 1; `None` takes `batch_size`.

        Yields:
            Tuples `(crops, reasons)`: a float32 array `(n, size, size, 3)` of
            the pictures that decode, and a list with an entry per picture,
            `None` for those and else why not.
        """
        batch_size = batch_size or self.batch_size
        crops: list[np.ndarray] = []
        reasons: list[str | None] = []
        for picture in pictures:
            try:
                data = image.normalize(bytes_of(picture), decoder=self.decoder)
                crops.append(np.asarray(self.crop(data), "float32"))
                reasons.append(None)
            except image.BadImage as error:
                reasons.append(str(error))
            if len(reasons) == batch_size:
                yield self._stacked(crops), reasons
                crops, reasons = [], []
        if reasons:
            yield self._stacked(crops), reasons

    def _stacked(self, crops):
        shape = (len(crops), self.size, self.size, 3)
        return np.stack(crops) if crops else np.zeros(shape, "float32")


def bytes_of(picture):
    """Returns the bytes of a picture, read now where it is a callable.

    Raises:
        BadImage: If they cannot be read.
    """
    try:
        return picture() if callable(picture) else picture
    except OSError as error:
        raise image.BadImage(
            f"it cannot be read ({error.strerror or error})"
        ) from error


def box_margin_of(config):
    """Returns the margin of the boxes that a run sees, `None` without them.

    Args:
        config: Its `Config`.
    """
    return config.data.box_margin if config.data.crop_to_box else None


def batch_of(size, views):
    """Returns how many pictures with all their views take a batch's memory.

    Args:
        size: Int, pictures of one view each.
        views: String, one of `fgkeras.registries.VIEWS`.
    """
    count = VIEWS.load(views)(1).count
    # An image and its mirror image went through at once before, too.
    return size if count <= 2 else max(1, size // count)


@contextlib.contextmanager
def bad_images_named(*parts):
    """Names the image that TensorFlow ended at, within a `with`.

    Images are checked before they are looked at. Where one passes the check,
    or changes on the disk, and its decoder raises, the error names no file.

    Args:
        *parts: `SplitImages` that are looked through once it has raised.

    Raises:
        ValueError: If it raised and an image does not decode.
    """
    try:
        yield
    except Exception as error:
        if not _is_of_tensorflow(error):
            raise
        for part in parts:
            for i, image_id in enumerate(part.ids):
                try:
                    part.crop(i)
                except image.BadImage as bad:
                    raise ValueError(
                        f"Every image must decode. Received: {image_id!r} of "
                        f"the split {part.split!r}, which passed the check and "
                        f"did not decode ({bad}). Replace or remove the file."
                    ) from error
        raise


def _is_of_tensorflow(error):
    """Whether a graph raised, for what it was given or for what it read."""
    tf = sys.modules.get("tensorflow")
    return tf is not None and isinstance(
        error, (tf.errors.InvalidArgumentError, tf.errors.UnknownError)
    )


def decodes_by_pillow(data_input):
    """Whether Pillow makes the crops, else TensorFlow.

    Args:
        data_input: String, the option `data.input`.
    """
    if data_input == "arrays" or keras.backend.backend() == "tensorflow":
        return data_input == "arrays"
    # What was trained with TensorFlow is looked at without it too.
    missing = importlib.util.find_spec("tensorflow") is None
    return data_input == "auto" or missing


def check_arrays(data_input):
    """Refuses to train by tf.data where there is no TensorFlow.

    Args:
        data_input: String, the option `data.input`.
    """
    if data_input in ("tfdata", "disk"):
        raise ValueError(
            "Batches of tf.data need TensorFlow, which is not installed. "
            f"Received: data.input={data_input!r}. Set data.input=arrays."
        )


@functools.cache
def _decoder(size, resize):
    """The decoder of tf.data as one graph: op by op it takes six times."""
    import tensorflow as tf

    from fgkeras.data.images.decode import decode_for_evaluation

    # A graph for whole pictures, and one for those with a frame.
    @tf.function
    def decode(encoded, frame=None):
        # tf.data decodes on the processor; other devices round differently.
        with tf.device("CPU:0"):
            return decode_for_evaluation(encoded, size, resize, frame=frame)

    def of_bytes(encoded, *frame):
        # Texts of Python would be a graph each.
        return decode(tf.constant(encoded, tf.string), *map(tf.constant, frame))

    return of_bytes


def views_of(config, views):
    """Returns the views of a run, or those that were asked for instead.

    Args:
        config: Its `Config`.
        views: String, one of `fgkeras.registries.VIEWS`, or `None`.

    Raises:
        ValueError: If they are unknown, or asked of what is no classifier.
    """
    if views is None:
        return config.evaluation.views
    if not when.CLASSIFIER(config):
        raise ValueError(
            "Views are of classifiers, whose scores have a mean. Received: "
            f"--views {views}, a run of --method {config.method.name}. Leave "
            "it out."
        )
    VIEWS[views]
    return views
