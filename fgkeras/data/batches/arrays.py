"""Images as arrays in memory: the input path that needs no TensorFlow."""

import io

import numpy as np
from PIL import Image

from fgkeras.data.batches.shard import shard_rows
from fgkeras.data.images import image
from fgkeras.data.sources.boxes import box_windows
from fgkeras.data.whole_numbers import whole_numbers


def evaluation_crop(encoded, size, resize=None, box=None):
    """Decodes one image and returns its evaluation crop.

    The same pixels as `decode_for_evaluation` gives, to what two decoders
    and rounding to integers differ: 1 of 255 for PNG, some for JPEG.

    Args:
        encoded: Bytes, as from `read_checked`.
        size: Int, output height and width in pixels.
        resize: Int, shorter side before the central crop; `None` takes the
            largest central square. Defaults to `None`.
        box: Four floats `ymin, xmin, ymax, xmax`, relative to the image: what
            lies within counts as all of it; `None` (default) for the whole.

    Returns:
        `uint8` array of shape `(size, size, 3)`.
    """
    picture = _within(Image.fromarray(image.decode(encoded)), box)
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    picture = picture.crop((left, top, left + side, top + side))
    resize = resize or size
    if side != size or resize != size:
        # As if the square were resized whole, and its middle kept.
        margin = (resize - size) // 2
        low, high = margin * side / resize, (margin + size) * side / resize
        picture = picture.resize(
            (size, size),
            Image.Resampling.BILINEAR,
            box=(low, low, high, high),
        )
    return np.asarray(picture)


def decode_split(encoded, size, resize=None, boxes=None):
    """Returns `uint8 (num_images, size, size, 3)` of evaluation crops.

    Args:
        encoded: Sequence of bytes.
        size: See `evaluation_crop`.
        resize: See `evaluation_crop`.
        boxes: Float array of shape `(num_images, 4)`, or `None` (default).
    """
    out = np.empty((len(encoded), size, size, 3), "uint8")
    for i, data in enumerate(encoded):
        box = None if boxes is None else boxes[i]
        out[i] = evaluation_crop(data, size, resize, box)
    return out


def thumbnail(encoded, size=96, box=None):
    """Returns a `PIL.Image` whose longer side is at most `size` pixels.

    Args:
        encoded: Bytes, as from `read_checked`.
        size: Int, in pixels. Defaults to `96`.
        box: As `evaluation_crop` takes it.
    """
    picture = Image.open(io.BytesIO(encoded))
    share = 1 if box is None else min(box[2] - box[0], box[3] - box[1])
    draft = int(2 * size / share)
    picture.draft("RGB", (draft, draft))
    turn = image.TRANSPOSE.get(image.inspect(encoded).orientation)
    picture = picture.convert("RGB")
    if box is not None and turn is not None:
        picture, turn = picture.transpose(turn), None
    picture = _within(picture, box)
    picture.thumbnail((size, size))
    return picture if turn is None else picture.transpose(turn)


def _within(picture, box):
    """Returns what of an upright `PIL.Image` lies within a box."""
    if box is None:
        return picture
    ((y, x, h, w),) = box_windows([box], [picture.height], [picture.width])
    return picture.crop((x, y, x + w, y + h))


def batches(pixels, labels, sampler, start=0, shard=(0, 1)):
    """Yields `(float32 pixels, int64 labels)` from step `start` on, forever.

    Args:
        pixels: `uint8` or float array, first axis the images.
        labels: Integer array of shape `(num_images,)`.
        sampler: From `fgkeras.data.batches.samplers.make_sampler`.
        start: Int, the first step. Defaults to `0`.
        shard: Tuple `(number, count)`, a part of each batch. Defaults to all.
    """
    labels = whole_numbers("labels", labels)
    rows = shard_rows(sampler.batch_size, shard)
    step = start
    while True:
        index = sampler.batch(step)[rows]
        yield pixels[index].astype("float32"), labels[index]
        step += 1
