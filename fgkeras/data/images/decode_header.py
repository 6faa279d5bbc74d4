"""What an encoded image says of itself, read by TensorFlow inside a graph.

Everything here is ordinary TensorFlow operations, so that it also works in a
SavedModel that is served where Python is absent. Bytes that end too early or
make no sense raise `tf.errors.InvalidArgumentError` when the graph runs;
`fgkeras.data.images.decode.decode_batch_guarded` turns that into `valid=False`.
"""

import tensorflow as tf

from fgkeras.data.images.decode_bytes import PNG
from fgkeras.data.images.decode_bytes import integer
from fgkeras.data.images.decode_bytes import is_gif
from fgkeras.data.images.decode_bytes import is_jpeg
from fgkeras.data.images.decode_bytes import starts_with
from fgkeras.data.images.decode_gif import gif_pixels
from fgkeras.data.images.image_header import EXIF_WINDOW
from fgkeras.data.images.image_header import MAX_SCANNED
from fgkeras.data.images.image_header import MAX_SEGMENTS

_ORIENTATION_TAG = 0x0112


def _jpeg_pixels(encoded):
    shape = tf.image.extract_jpeg_shape(encoded, output_type=tf.int32)
    return tf.cast(shape[0], tf.int64) * tf.cast(shape[1], tf.int64)


def _bmp_pixels(encoded):
    # A negative height means rows from the top down.
    sizes = tf.io.decode_raw(tf.strings.substr(encoded, 18, 8), tf.int32)
    sizes = tf.abs(tf.cast(tf.ensure_shape(sizes, (2,)), tf.int64))
    return sizes[0] * sizes[1]


def _png_pixels(encoded):
    width = integer(encoded, 16, 4, big_endian=True)
    return width * integer(encoded, 20, 4, big_endian=True)


def pixel_count(encoded):
    """Width times height that the header announces; nothing is decoded.

    Args:
        encoded: Scalar string tensor, the bytes of an image file.

    Returns:
        Scalar int64 tensor; 0 for bytes that are no JPEG, PNG, GIF or BMP.

    Raises:
        tf.errors.InvalidArgumentError: The header is cut or broken.

    Example:

    >>> import tensorflow as tf
    >>> png = tf.io.encode_png(tf.zeros((2, 3, 3), "uint8"))
    >>> int(pixel_count(png))
    6
    """
    return tf.case(
        [
            (is_jpeg(encoded), lambda: _jpeg_pixels(encoded)),
            (starts_with(encoded, PNG), lambda: _png_pixels(encoded)),
            (is_gif(encoded), lambda: gif_pixels(encoded)),
            (starts_with(encoded, b"BM"), lambda: _bmp_pixels(encoded)),
        ],
        default=lambda: tf.constant(0, tf.int64),
    )


def _exif_position(values):
    """Where `Exif` stands behind a JPEG's segment header, 0 without one, -1
    where there are too many segments to tell."""
    size = tf.size(values)

    def is_exif(position):
        wanted = tf.constant(list(b"Exif\0\0"), tf.int32)
        return tf.logical_and(
            values[position + 1] == 0xE1,
            tf.reduce_all(values[position + 4 : position + 10] == wanted),
        )

    def goes_on(position):
        return tf.cond(
            position + 18 <= size,
            # Pixels or the end of the image end the search.
            lambda: (
                (values[position] == 0xFF)
                & tf.reduce_all(values[position + 1] != [0xDA, 0xD9])
                & ~is_exif(position)
            ),
            lambda: False,
        )

    def behind(position):
        code = values[position + 1]
        length = 256 * values[position + 2] + values[position + 3]
        bare = (code == 0x01) | ((code >= 0xD0) & (code <= 0xD8))
        step = tf.where(bare, 2, 2 + tf.maximum(length, 2))
        # A byte FF may fill.
        return (position + tf.where(code == 0xFF, 1, step),)

    position = tf.while_loop(
        goes_on, behind, (tf.constant(2),), maximum_iterations=MAX_SEGMENTS
    )[0]
    found = tf.cond(
        position + 18 <= size,
        lambda: (values[position] == 0xFF) & is_exif(position),
        lambda: False,
    )
    return tf.where(goes_on(position), -1, tf.where(found, position + 4, 0))


def _tiff_orientation(tiff):
    """The orientation in the first directory of TIFF bytes, 1 without one."""
    size = tf.size(tiff)
    little = tiff[0] == 0x49
    powers = tf.constant([1, 256, 65536, 0])

    def number(part):
        part = tf.where(little, part, tf.reverse(part, [-1]))
        return tf.reduce_sum(part * powers[: part.shape[-1]], axis=-1)

    # Offsets that need the fourth byte lie beyond any APP1 segment.
    start = number(tf.ensure_shape(tiff[4:8], (4,)))

    def read():
        entries = number(tf.ensure_shape(tiff[start : start + 2], (2,)))
        room = (size - start - 2) // 12
        entries = tf.minimum(entries, room)
        table = tiff[start + 2 : start + 2 + 12 * entries]
        table = tf.reshape(table, (-1, 12))
        tags = number(table[:, :2])
        found = number(table[:, 8:10])
        here = (tags == _ORIENTATION_TAG) & (found >= 1) & (found <= 8)
        return tf.reduce_max(tf.where(here, found, 1), axis=0)

    # `II` or `MM`.
    usable = (tiff[0] == tiff[1]) & (little | (tiff[0] == 0x4D))
    usable &= (start >= 8) & (start + 14 <= size)
    return tf.cond(usable, lambda: tf.maximum(read(), 1), lambda: 1)


def exif_orientation(tiff):
    """The orientation that an Exif block asks for, 1 (upright) to 8.

    Args:
        tiff: Uint8 tensor of shape `(size,)`, the block from `II` or `MM` on.

    Returns:
        Scalar int32 tensor; 1 for whatever is missing, cut or out of range.
    """
    tiff = tf.cast(tiff, tf.int32)
    return tf.cond(
        tf.size(tiff) >= 8, lambda: _tiff_orientation(tiff), lambda: 1
    )


def has_few_scans(encoded, pixels):
    """Whether the scans of a JPEG can be decoded in some seconds.

    Args:
        encoded: Scalar string tensor, the bytes of a JPEG file.
        pixels: Scalar int64 tensor, its width times its height.

    Returns:
        Scalar bool tensor.
    """
    values = tf.io.decode_raw(encoded, tf.uint8)
    starts = (values[:-1] == 0xFF) & (values[1:] == 0xDA)
    starts = tf.where(starts)[:, 0]
    starts = starts[starts + 4 < tf.size(values, tf.int64)]
    # A scan's header says how long it is: 6 bytes, and 2 a channel.
    length, channels = (
        tf.cast(tf.gather(values, starts + i), tf.int64) for i in (3, 4)
    )
    whole = tf.gather(values, starts + 2) == 0
    whole &= (length == 6 + 2 * channels) & (channels > 0) & (channels < 5)
    scans = tf.reduce_sum(tf.cast(whole, tf.int64))
    return scans * pixels <= MAX_SCANNED


def jpeg_orientation(encoded):
    """The Exif orientation of a JPEG file, 1 (upright) to 8.

    Reads tag 0x0112 of the first directory, in both byte orders. Whatever is
    missing, cut or out of range counts as upright; nothing here raises.

    Args:
        encoded: Scalar string tensor, a JPEG file.

    Returns:
        Scalar int32 tensor in [1, 8]; 0 where more than `MAX_SEGMENTS`
        segments come before an Exif block.

    Reference:

    - Exif 2.3 (JEITA CP-3451C), section 4.6.4, and TIFF 6.0, section 2.
    """
    head = tf.strings.substr(encoded, 0, EXIF_WINDOW)

    def read():
        values = tf.cast(tf.io.decode_raw(head, tf.uint8), tf.int32)
        position = _exif_position(values)
        return tf.cond(
            position > 0,
            lambda: _tiff_orientation(values[position + 6 :]),
            lambda: tf.where(position < 0, 0, 1),
        )

    # To look for the word costs a third of the walk from segment to segment.
    there = tf.strings.regex_full_match(head, rb"(?s)\C*Exif\x00\x00\C*")
    return tf.cond(there, read, lambda: 1)
