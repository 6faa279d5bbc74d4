"""What a run sees of a picture: its evaluation crop, by one decoder."""

import keras
import numpy as np

from fgkeras.data.batches import arrays
from fgkeras.data.images import image


def evaluation_crop(encoded, size, resize):
    """Returns the evaluation crop, by the decoder that the training used."""
    if keras.backend.backend() != "tensorflow":
        return arrays.evaluation_crop(encoded, size, resize)
    import tensorflow as tf

    from fgkeras.data.images.decode import decode_for_evaluation

    try:
        return decode_for_evaluation(tf.constant(encoded), size, resize).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise image.BadImage(error.message) from error


def crop_batches(images, size, resize, batch_size=32):
    """Returns the crops of any number of encoded images, a batch at a time.

    One batch is in memory, however many images there are.

    Args:
        images: Iterable of bytes, as files hold them; or of callables that
            return bytes, called when their turn comes.
        size: Int, side of the crop in pixels.
        resize: Int, the shorter side before it.
        batch_size: Int at least 1. Defaults to `32`.

    Yields:
        Tuples `(crops, reasons)`: a float32 array `(n, size, size, 3)` of the
        images that decode, and a list with an entry per image, `None` for
        those and else why not.
    """
    crops, reasons = [], []
    for data in images:
        try:
            data = data() if callable(data) else data
            data = image.normalize(data)
            crop = evaluation_crop(data, size, resize)
            crops.append(np.asarray(crop, "float32"))
            reasons.append(None)
        except image.BadImage as error:
            reasons.append(str(error))
        if len(reasons) == batch_size:
            yield _stacked(crops, size), reasons
            crops, reasons = [], []
    if reasons:
        yield _stacked(crops, size), reasons


def _stacked(crops, size):
    return np.stack(crops) if crops else np.zeros((0, size, size, 3), "float32")
