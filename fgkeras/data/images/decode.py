"""Encoded images to pixels by TensorFlow: one function trains and serves."""

import functools

import tensorflow as tf

from fgkeras.data.images.decode_bytes import PNG
from fgkeras.data.images.decode_bytes import is_gif
from fgkeras.data.images.decode_bytes import is_jpeg
from fgkeras.data.images.decode_bytes import starts_with
from fgkeras.data.images.decode_gif import decode_first_frame
from fgkeras.data.images.decode_gif import first_gif_frame
from fgkeras.data.images.decode_header import has_few_scans
from fgkeras.data.images.decode_header import jpeg_orientation
from fgkeras.data.images.decode_header import pixel_count
from fgkeras.data.images.decode_png import decode_bmp
from fgkeras.data.images.decode_png import decode_png
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.data.images.ready import TURNED

# Pictures of up to so many pixels, and how many of them are unpacked at once,
# on as many cores as there may be: 64 million pixels in all, of three bytes
# that are there twice while the square is cut.
_AT_ONCE = ((4_000_000, 16), (16_000_000, 4), (2**62, 1))


def turn(image, orientation):
    """Shows an image of shape (h, w, 3) as its Exif orientation asks."""
    image = tf.cond(
        orientation >= 5,
        lambda: tf.transpose(image, (1, 0, 2)),
        lambda: image,
    )
    image = tf.cond(
        _any(orientation, [2, 3, 6, 7]),
        lambda: tf.reverse(image, [1]),
        lambda: image,
    )
    return tf.cond(
        _any(orientation, [3, 4, 7, 8]),
        lambda: tf.reverse(image, [0]),
        lambda: image,
    )


def _jpeg_pixels(encoded):
    # The exact integer transform gives the same pixels on every machine.
    return tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")


def _png_pixels(encoded):
    return tf.io.decode_png(encoded, channels=3)


def _decode_jpeg(encoded):
    image = _jpeg_pixels(encoded)
    orientation = jpeg_orientation(encoded)
    tf.debugging.assert_positive(orientation)
    return tf.cond(
        orientation > 1, lambda: turn(image, orientation), lambda: image
    )


def decode_jpeg_window(encoded, choose, orientation=None):
    """Decodes a window of a JPEG by the fast transform, upright.

    A crop that is moved and scaled at random needs no exact transform, and
    the difference is a slight augmentation: of two photographs, windows as the
    model sees them differ from those of the exact transform by 1.2 to 1.4 of
    255 in the mean, by 31 at edges of strong colours. The exact transform with
    interpolated chroma takes 1 to 4 % more time to decode
    (`experiments/benchmarks/fast_transform.py`).

    Args:
        encoded: Scalar string tensor, a JPEG file.
        choose: Callable of the upright shape `(height, width, ...)`, int32,
            that returns the window `[y, x, height, width]` in upright pixels.
        orientation: Int in [1, 8] or an int32 tensor, how it is turned; `None`
            (default) reads it from the file.

    Returns:
        Uint8 tensor of shape `(height, width, 3)`, those of the window.
    """
    if orientation is None:
        orientation = jpeg_orientation(encoded)
    shape = tf.image.extract_jpeg_shape(encoded)

    def window_of(window):
        return tf.io.decode_and_crop_jpeg(
            encoded,
            window,
            channels=3,
            dct_method="INTEGER_FAST",
            fancy_upscaling=False,
        )

    def turned():
        across = orientation >= 5
        high, wide = tf.unstack(
            tf.where(across, tf.gather(shape, [1, 0]), shape[:2])
        )
        y, x, h, w = tf.unstack(choose(tf.stack([high, wide, 3])))
        # The way back of `turn`: reversed first, transposed last.
        x = tf.where(_any(orientation, [2, 3, 6, 7]), wide - x - w, x)
        y = tf.where(_any(orientation, [3, 4, 7, 8]), high - y - h, y)
        window = tf.where(
            across, tf.stack([x, y, w, h]), tf.stack([y, x, h, w])
        )
        return turn(window_of(window), orientation)

    if isinstance(orientation, int) and orientation == 1:
        return window_of(choose(shape))
    return tf.cond(orientation > 1, turned, lambda: window_of(choose(shape)))


def _any(orientation, among):
    return tf.reduce_any(tf.equal(orientation, among))


def _decode_png(encoded):
    image, orientation = decode_png(encoded)
    return tf.cond(
        orientation > 1, lambda: turn(image, orientation), lambda: image
    )


def _decode_as_before(encoded):
    """What is no JPEG, as runs of the earlier decoder were exported."""
    encoded = tf.cond(
        is_gif(encoded), lambda: first_gif_frame(encoded), lambda: encoded
    )
    return tf.io.decode_image(encoded, channels=3, expand_animations=False)


def decode_image(encoded, decoder=DECODER_VERSION, ready_formats=None):
    """Decodes a JPEG, PNG, BMP or GIF (first frame) file to upright RGB.

    The format is told from the content. The image is turned as its Exif
    orientation asks, so that the pixels are those a viewer shows. Transparency
    is laid on white, 16-bit channels are cut to 8.

    Args:
        encoded: Scalar string tensor, the bytes of the file.
        decoder: Int, `DECODER_VERSION` or the one of an earlier run, which
            drops transparency and turns JPEGs alone.
        ready_formats: Set of the formats there are, as
            `fgkeras.data.images.ready.ready_format` has them: the graph then
            is a small one. `None` (default) takes whatever comes.

    Returns:
        Uint8 tensor of shape `(height, width, 3)`.

    Raises:
        tf.errors.InvalidArgumentError: The bytes are cut or no image. For
            bytes from strangers use `decode_batch_guarded`, which also
            refuses small files that unpack to gigabytes.

    Example:

    >>> import tensorflow as tf
    >>> png = tf.io.encode_png(tf.zeros((2, 3, 3), "uint8"))
    >>> decode_image(png).shape
    TensorShape([2, 3, 3])
    """
    if ready_formats is not None:
        return _decode_ready(encoded, ready_formats)
    cases = [(is_jpeg(encoded), lambda: _decode_jpeg(encoded))]
    if decoder != EARLIER_DECODER:
        cases += [
            (starts_with(encoded, PNG), lambda: _decode_png(encoded)),
            (is_gif(encoded), lambda: decode_first_frame(encoded)),
            (starts_with(encoded, b"BM"), lambda: decode_bmp(encoded)),
        ]
    image = tf.case(cases, default=lambda: _decode_as_before(encoded))
    return tf.ensure_shape(image, (None, None, 3))


def _decode_ready(encoded, formats):
    jpeg = _decode_jpeg if TURNED in formats else _jpeg_pixels
    if "png" not in formats:
        image = jpeg(encoded)
    elif formats == {"png"}:
        image = _png_pixels(encoded)
    else:
        image = tf.cond(
            is_jpeg(encoded),
            lambda: jpeg(encoded),
            lambda: _png_pixels(encoded),
        )
    return tf.ensure_shape(image, (None, None, 3))


def check_sizes(size, resize=None):
    """Raises unless `size` and `resize` describe a possible crop."""
    if not isinstance(size, int) or size < 1:
        raise ValueError(
            f"`size` must be a positive int, in pixels. Received: size={size!r}"
        )
    if resize is not None and (not isinstance(resize, int) or resize < size):
        raise ValueError(
            "`resize` must be None or an int of at least `size`, since the "
            f"crop is cut from the resized image. Received: resize={resize!r}, "
            f"size={size}"
        )


def decode_for_evaluation(
    encoded,
    size,
    resize=None,
    *,
    decoder=DECODER_VERSION,
    ready_formats=None,
    frame=None,
):
    """Decodes an image to the square input a model is evaluated on.

    The central square of the image, as wide as its shorter side, is resized
    (bilinear, antialiased) to `resize` pixels, and its central `size` pixels
    are kept. The square is cut first, because resizing a very long image whole
    could take any amount of memory.

    Args:
        encoded: Scalar string tensor, the bytes of the file.
        size: Int, height and width of the result, in pixels.
        resize: Int of at least `size`, or `None` (default) for `size`: the
            pixels that the shorter side is resized to before the crop.
        decoder: Int, see `decode_image`.
        ready_formats: See `decode_image`.
        frame: `int32` tensor `[y, x, height, width]`, the pixels of the upright
            image that count as all of it, such as those of a box; `None`
            (default) for the whole.

    Returns:
        Float32 tensor of shape `(size, size, 3)`, values 0 to 255.

    Raises:
        ValueError: `size` or `resize` is out of range.
        tf.errors.InvalidArgumentError: The bytes are cut or no image.

    Example:

    >>> import tensorflow as tf
    >>> png = tf.io.encode_png(tf.zeros((20, 30, 3), "uint8"))
    >>> decode_for_evaluation(png, size=8, resize=10).shape
    TensorShape([8, 8, 3])
    """
    check_sizes(size, resize)
    image = decode_image(encoded, decoder, ready_formats)
    if frame is not None:
        y, x, h, w = tf.unstack(frame)
        image = image[y : y + h, x : x + w]
    shape = tf.shape(image)
    side = tf.minimum(shape[0], shape[1])
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    image = image[top : top + side, left : left + side]
    resize = size if resize is None else resize
    image = tf.image.resize(image, (resize, resize), antialias=True)
    margin = (resize - size) // 2
    image = image[margin : margin + size, margin : margin + size]
    return tf.ensure_shape(image, (size, size, 3))


def decode_batch_guarded(
    encoded,
    size,
    resize=None,
    *,
    max_pixels=64_000_000,
    max_bytes=67_108_864,
    decoder=DECODER_VERSION,
):
    """Decodes a batch that may hold anything; a bad image spoils only its row.

    For serving. Sizes are read from the headers first, so that a file of some
    kilobytes that would unpack to gigabytes is refused before it is decoded. Of
    pictures above 16 megapixels one is unpacked at a time, of those above 4
    four: the memory of a batch is bounded, however many there are.
    Works inside `tf.function` and in a SavedModel without Python.

    Args:
        encoded: String tensor of shape `(batch,)`, bytes of image files.
        size: Int, see `decode_for_evaluation`.
        resize: Int or `None`, see `decode_for_evaluation`.
        max_pixels: Int, most pixels (width times height) that are decoded.
        max_bytes: Int, longest file that is looked at, in bytes.
        decoder: Int, see `decode_image`.

    Returns:
        Tuple of a float32 tensor of shape `(batch, size, size, 3)`, the same
        values as `decode_for_evaluation` gives and zeros where that fails, and
        a bool tensor of shape `(batch,)`: whether the row was decoded. Formats
        other than JPEG, PNG, GIF and BMP count as undecodable.

    Raises:
        ValueError: `size` or `resize` is out of range.

    Example:

    >>> import tensorflow as tf
    >>> png = tf.io.encode_png(tf.zeros((20, 30, 3), "uint8"))
    >>> images, valid = decode_batch_guarded(tf.stack([png, b"no"]), size=8)
    >>> valid.numpy().tolist()
    [True, False]
    """
    check_sizes(size, resize)
    encoded = tf.convert_to_tensor(encoded, tf.string)
    batch = tf.size(encoded, out_type=tf.int64)

    announced = _announcing(max_pixels, max_bytes)
    decode = _decoding(size, resize, decoder)
    nothing = tf.zeros((), tf.int64)
    # Rows that raise are dropped; one spare row keeps the rest a whole batch.
    rows, pixels = (
        tf.data.Dataset.from_tensor_slices((tf.range(batch), encoded))
        .map(announced, num_parallel_calls=_AT_ONCE[0][1], deterministic=False)
        .ignore_errors()
        .concatenate(tf.data.Dataset.from_tensors((batch, nothing)))
        .batch(batch + 1)
        .get_single_element()
    )
    found = tf.data.Dataset.from_tensors((batch, tf.zeros((size, size, 3))))
    above = nothing
    for most, at_once in _AT_ONCE:
        these = tf.boolean_mask(rows, (pixels > above) & (pixels <= most))
        found = found.concatenate(
            tf.data.Dataset.from_tensor_slices(
                (these, tf.gather(encoded, these))
            )
            .map(decode, num_parallel_calls=at_once, deterministic=False)
            .ignore_errors()
        )
        above = most
    rows, images = found.batch(batch + 1).get_single_element()
    places = rows[:, None]
    whole = tf.stack([batch + 1, size, size, 3])
    images = tf.scatter_nd(places, images, whole)[:batch]
    valid = tf.scatter_nd(places, tf.ones_like(rows), batch[None] + 1) > 0
    return tf.ensure_shape(images, (None, size, size, 3)), valid[:batch]


_ROW = (tf.TensorSpec((), tf.int64), tf.TensorSpec((), tf.string))


@functools.lru_cache(maxsize=8)
def _announcing(max_pixels, max_bytes):
    """The graph that tells a row's pixels by its header, 0 of what is refused.

    Graphs are made once for all batches and sizes that share them.
    """

    @tf.function(input_signature=_ROW)
    def announced(row, data):
        pixels = tf.cond(
            tf.strings.length(data) <= max_bytes,
            lambda: pixel_count(data),
            lambda: tf.constant(0, tf.int64),
        )
        quick = tf.cond(
            is_jpeg(data), lambda: has_few_scans(data, pixels), lambda: True
        )
        good = (pixels > 0) & (pixels <= max_pixels) & quick
        return row, tf.where(good, pixels, 0)

    return announced


@functools.lru_cache(maxsize=8)
def _decoding(size, resize, decoder):
    """The graph that decodes a row."""

    @tf.function(input_signature=_ROW)
    def decode(row, data):
        return row, decode_for_evaluation(data, size, resize, decoder=decoder)

    return decode
