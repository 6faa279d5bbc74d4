"""The first frame of a GIF, by TensorFlow; as `gif_frame` has it for Pillow.

TensorFlow alone would unpack every frame, show a transparent colour as any
other, and black where a frame leaves the picture free.
"""

import tensorflow as tf

from fgkeras.data.images.decode_bytes import integer
from fgkeras.data.images.flatten import GROUND
from fgkeras.data.images.gif_frame import MAX_BLOCKS


def gif_pixels(encoded):
    """Width times height of a GIF, or of its first frame if that is larger.

    Args:
        encoded: Scalar string tensor, a GIF file.

    Returns:
        Scalar int64 tensor.
    """
    values = tf.io.decode_raw(encoded, tf.uint8)
    position, _, _ = _descriptor(encoded, values)
    left, top, wide, high = _frame(encoded, position)
    width = tf.maximum(integer(encoded, 6, 2), left + wide)
    return width * tf.maximum(integer(encoded, 8, 2), top + high)


def first_gif_frame(encoded):
    """Cuts a GIF behind its first frame, so that no other is ever decoded.

    A decoder that returns the first frame only still unpacks all of them.

    Args:
        encoded: Scalar string tensor, a GIF file.

    Returns:
        Scalar string tensor, a GIF file of one frame.

    Raises:
        tf.errors.InvalidArgumentError: The file ends too early.

    Reference:

    - [GIF89a specification](https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
    """
    values = tf.io.decode_raw(encoded, tf.uint8)
    position, _, blocks = _descriptor(encoded, values)
    table = _color_table_bytes(integer(encoded, position + 9, 1))
    end, _ = _after_sub_blocks(values, position + 11 + table, blocks)
    return tf.strings.join([_part(encoded, 0, end), b";"])


def decode_first_frame(encoded):
    """Decodes the first frame of a GIF where it stands in the picture.

    Args:
        encoded: Scalar string tensor, a GIF file.

    Returns:
        Uint8 tensor of shape `(height, width, 3)`, white where the frame is
        transparent or leaves the picture free.

    Raises:
        tf.errors.InvalidArgumentError: The file ends too early, or has more
            than `MAX_BLOCKS` blocks of data.
    """
    values = tf.io.decode_raw(encoded, tf.uint8)
    position, clear, blocks = _descriptor(encoded, values)
    left, top, wide, high = _frame(encoded, position)
    local = integer(encoded, position + 9, 1)
    flags = integer(encoded, 10, 1)
    has_own = local >= 128
    start = tf.where(has_own, position + 10, tf.constant(13, tf.int64))
    flags = tf.where(has_own, local, flags)
    table = _part(encoded, start, start + _color_table_bytes(flags))
    at = position + 10 + _color_table_bytes(local)
    end, _ = _after_sub_blocks(values, at + 1, blocks)
    frame = tf.strings.join(
        [
            b"GIF89a",
            _part(encoded, position + 5, position + 9),
            _byte(tf.bitwise.bitwise_or(flags % 8, 0x80)),
            b"\0\0",
            _with_white(table, clear),
            b"\x2c\0\0\0\0",
            _part(encoded, position + 5, position + 9),
            # Interlaced or not: nothing else of its flags is left.
            _byte(tf.bitwise.bitwise_and(local, 0x40)),
            _part(encoded, at, end),
            b";",
        ]
    )
    image = tf.io.decode_image(frame, channels=3, expand_animations=False)
    image = tf.ensure_shape(image, (None, None, 3))
    right = tf.maximum(integer(encoded, 6, 2) - left - wide, 0)
    below = tf.maximum(integer(encoded, 8, 2) - top - high, 0)
    free = tf.stack([top, below, left, right])
    return tf.cond(
        tf.reduce_any(free > 0),
        lambda: tf.pad(
            image,
            [[free[0], free[1]], [free[2], free[3]], [0, 0]],
            constant_values=GROUND,
        ),
        lambda: image,
    )


def _part(encoded, start, end):
    start = tf.cast(start, tf.int32)
    return tf.strings.substr(encoded, start, tf.cast(end, tf.int32) - start)


def _byte(value):
    """A string tensor of one byte."""
    every = tf.constant([bytes([i]) for i in range(256)])
    return tf.gather(every, value)


def _with_white(table, clear):
    """A colour table whose entry `clear` is white; -1 is none."""
    size = tf.cast(tf.strings.length(table), tf.int64)
    return tf.cond(
        (clear >= 0) & (3 * clear < size),
        lambda: tf.strings.join(
            [
                _part(table, 0, 3 * clear),
                bytes([GROUND] * 3),
                _part(table, 3 * clear + 3, size),
            ]
        ),
        lambda: table,
    )


def _frame(encoded, position):
    """Left, top, width and height of the frame with a descriptor there."""
    return [integer(encoded, position + i, 2) for i in (1, 3, 5, 7)]


def _color_table_bytes(flags):
    size = tf.bitwise.left_shift(tf.constant(2, tf.int64), flags % 8)
    return tf.where(flags >= 128, 3 * size, 0)


def _after_sub_blocks(values, position, blocks):
    """The position behind a chain of data blocks, and how many may follow."""
    position, blocks = tf.while_loop(
        lambda p, left: (left >= 0) & (values[p] > 0),
        lambda p, left: (p + 1 + tf.cast(values[p], tf.int64), left - 1),
        (position, blocks),
    )
    tf.debugging.assert_greater_equal(blocks, tf.constant(0, tf.int64))
    return position + 1, blocks


def _descriptor(encoded, values):
    """Where the first frame's descriptor stands, its transparent colour or -1,
    and how many blocks of data may follow."""

    def behind(position, clear, blocks):
        sets = (values[position + 1] == 0xF9) & (values[position + 2] >= 4)
        sets &= values[position + 3] % 2 == 1
        color = tf.cast(values[position + 6], tf.int64)
        position, blocks = _after_sub_blocks(values, position + 2, blocks)
        return position, tf.where(sets, color, clear), blocks

    start = 13 + _color_table_bytes(integer(encoded, 10, 1))
    position, clear, blocks = tf.while_loop(
        # 0x21 opens an extension: two bytes, then data blocks.
        lambda p, clear, blocks: values[p] == 0x21,
        behind,
        (start, tf.constant(-1, tf.int64), tf.constant(MAX_BLOCKS, tf.int64)),
    )
    # 0x2C opens a frame.
    tf.debugging.assert_equal(values[position], tf.constant(0x2C, tf.uint8))
    return position, clear, blocks
