"""PNG and BMP files by TensorFlow, as Pillow shows them."""

import tensorflow as tf

from fgkeras.data.images.decode_bytes import integer
from fgkeras.data.images.decode_header import exif_orientation
from fgkeras.data.images.flatten import GROUND
from fgkeras.data.images.image_header import MAX_SEGMENTS


def decode_png(encoded):
    """Decodes a PNG, transparency laid on white, not yet turned.

    Args:
        encoded: Scalar string tensor, a PNG file.

    Returns:
        Tuple of a uint8 tensor of shape `(height, width, 3)`, and of a scalar
        int32 tensor, the Exif orientation in [1, 8].

    Raises:
        tf.errors.InvalidArgumentError: The file is cut or damaged, or has more
            than `MAX_SEGMENTS` chunks before its pixels.
    """
    has_key, orientation = _chunks(encoded)
    color = integer(encoded, 25, 1)
    image = tf.cond(
        has_key | (color == 4) | (color == 6),
        lambda: _on_ground(tf.io.decode_png(encoded, channels=4)),
        lambda: tf.io.decode_png(encoded, channels=3),
    )
    return image, orientation


def _on_ground(image):
    pixels = tf.cast(image, tf.int32)
    alpha = pixels[..., 3:]
    out = pixels[..., :3] * alpha + GROUND * (255 - alpha) + 127
    return tf.cast(out // 255, tf.uint8)


def _chunks(encoded):
    """Whether a PNG has a transparent colour, and its Exif orientation."""

    def kind(position):
        return tf.strings.substr(encoded, position + 4, 4)

    def more(position, has_key, orientation):
        del has_key, orientation
        return kind(position) != b"IDAT"

    def behind(position, has_key, orientation):
        length = integer(encoded, position, 4, big_endian=True)
        length = tf.cast(tf.minimum(length, 2**30), tf.int32)
        orientation = tf.cond(
            kind(position) == b"eXIf",
            lambda: exif_orientation(
                tf.io.decode_raw(
                    tf.strings.substr(encoded, position + 8, length), tf.uint8
                )
            ),
            lambda: orientation,
        )
        has_key |= kind(position) == b"tRNS"
        return position + 12 + length, has_key, orientation

    position, has_key, orientation = tf.while_loop(
        more,
        behind,
        (tf.constant(33), tf.constant(False), tf.constant(1)),
        maximum_iterations=MAX_SEGMENTS - 1,
    )
    tf.debugging.assert_equal(kind(position), b"IDAT")
    return has_key, orientation


def decode_bmp(encoded):
    """Decodes a BMP of 8 bits by its colours, or of 24 or 32 bits.

    Args:
        encoded: Scalar string tensor, a BMP file.

    Returns:
        Uint8 tensor of shape `(height, width, 3)`.

    Raises:
        tf.errors.InvalidArgumentError: The file is cut, packed, or of another
            number of bits, which TensorFlow does not read.
    """
    header = integer(encoded, 14, 4)
    bits = integer(encoded, 28, 2)
    plain = (header >= 40) & (integer(encoded, 30, 4) == 0)
    tf.debugging.assert_equal(plain, True)
    return tf.case(
        [
            (bits == 8, lambda: _by_colors(encoded, 14 + header)),
            (
                bits == 32,
                lambda: tf.io.decode_bmp(encoded, channels=4)[..., :3],
            ),
        ],
        default=lambda: tf.io.decode_bmp(encoded, channels=3),
    )


def _by_colors(encoded, start):
    places = tf.io.decode_bmp(encoded, channels=0)[..., 0]
    count = integer(encoded, 46, 4)
    every = tf.constant(256, tf.int64)
    count = tf.where((count == 0) | (count > every), every, count)
    table = tf.io.decode_raw(
        tf.strings.substr(
            encoded, tf.cast(start, tf.int32), tf.cast(4 * count, tf.int32)
        ),
        tf.uint8,
    )
    table = tf.reshape(table, (-1, 4))[:, 2::-1]
    tf.debugging.assert_less(
        tf.cast(tf.reduce_max(places), tf.int32), tf.shape(table)[0]
    )
    return tf.gather(table, tf.cast(places, tf.int32))
