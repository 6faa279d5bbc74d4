"""What an encoded image says of itself, read by TensorFlow inside a graph.

Everything here is ordinary TensorFlow operations, so that it also works in a
SavedModel that is served where Python is absent. Bytes that end too early or
make no sense raise `tf.errors.InvalidArgumentError` when the graph runs;
`fgkeras.data.images.decode.decode_batch_guarded` turns that into `valid=False`.
"""

import tensorflow as tf

# An APPn segment holds at most 65,535 bytes, and Exif stands among the first.
_EXIF_WINDOW = 262144
_ORIENTATION_TAG = 0x0112


def starts_with(encoded, magic):
    """Whether a scalar string tensor begins with the bytes `magic`."""
    return tf.strings.substr(encoded, 0, len(magic)) == magic


def is_jpeg(encoded):
    """Whether a scalar string tensor begins as a JPEG file does."""
    return starts_with(encoded, b"\xff\xd8\xff")


def is_gif(encoded):
    """Whether a scalar string tensor begins as a GIF file does."""
    return starts_with(encoded, b"GIF8")


def _integer(encoded, start, size, big_endian=False):
    """The unsigned integer in `size` bytes from `start`, as int64."""
    part = tf.io.decode_raw(tf.strings.substr(encoded, start, size), tf.uint8)
    part = tf.ensure_shape(part, (size,))
    powers = [256**i for i in range(size)]
    if big_endian:
        powers.reverse()
    return tf.reduce_sum(tf.cast(part, tf.int64) * tf.constant(powers, "int64"))


def _color_table_bytes(flags):
    size = tf.bitwise.left_shift(tf.constant(2, tf.int64), flags % 8)
    return tf.where(flags >= 128, 3 * size, 0)


def _after_sub_blocks(values, position):
    """The position behind a chain of GIF data blocks."""
    position = tf.while_loop(
        lambda p: values[p] > 0,
        lambda p: (p + 1 + tf.cast(values[p], tf.int64),),
        (position,),
    )[0]
    return position + 1


def _gif_image_position(encoded, values):
    """Where the descriptor of the first frame of a GIF stands."""
    start = 13 + _color_table_bytes(_integer(encoded, 10, 1))
    return tf.while_loop(
        # 0x21 opens an extension: two bytes, then data blocks.
        lambda p: values[p] == 0x21,
        lambda p: (_after_sub_blocks(values, p + 2),),
        (start,),
    )[0]


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
    position = _gif_image_position(encoded, values)
    table = _color_table_bytes(_integer(encoded, position + 9, 1))
    end = _after_sub_blocks(values, position + 11 + table)
    kept = tf.strings.substr(encoded, 0, tf.cast(end, tf.int32))
    return tf.strings.join([kept, b";"])


def _gif_pixels(encoded):
    values = tf.io.decode_raw(encoded, tf.uint8)
    position = _gif_image_position(encoded, values)
    # A frame may claim more than the canvas, and is unpacked before it is cut.
    height = tf.maximum(
        _integer(encoded, 8, 2), _integer(encoded, position + 7, 2)
    )
    width = tf.maximum(
        _integer(encoded, 6, 2), _integer(encoded, position + 5, 2)
    )
    return height * width


def _jpeg_pixels(encoded):
    shape = tf.image.extract_jpeg_shape(encoded, output_type=tf.int32)
    return tf.cast(shape[0], tf.int64) * tf.cast(shape[1], tf.int64)


def _bmp_pixels(encoded):
    # A negative height means rows from the top down.
    sizes = tf.io.decode_raw(tf.strings.substr(encoded, 18, 8), tf.int32)
    sizes = tf.abs(tf.cast(tf.ensure_shape(sizes, (2,)), tf.int64))
    return sizes[0] * sizes[1]


def _png_pixels(encoded):
    width = _integer(encoded, 16, 4, big_endian=True)
    return width * _integer(encoded, 20, 4, big_endian=True)


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
            (
                starts_with(encoded, b"\x89PNG\r\n\x1a\n"),
                lambda: _png_pixels(encoded),
            ),
            (is_gif(encoded), lambda: _gif_pixels(encoded)),
            (starts_with(encoded, b"BM"), lambda: _bmp_pixels(encoded)),
        ],
        default=lambda: tf.constant(0, tf.int64),
    )


def _exif_position(values):
    """Where `Exif` stands behind a JPEG's segment header, 0 without one."""
    size = tf.size(values)

    def u16(position):
        return 256 * values[position] + values[position + 1]

    def is_exif(position):
        wanted = tf.constant(list(b"Exif\0\0"), tf.int32)
        return tf.logical_and(
            values[position + 1] == 0xE1,
            tf.reduce_all(values[position + 4 : position + 10] == wanted),
        )

    def is_extra(position):
        # APP0 to APP15 and comments may stand before; pixels' segments end it.
        code = values[position + 1]
        return (values[position] == 0xFF) & (
            ((code >= 0xE0) & (code <= 0xEF)) | (code == 0xFE)
        )

    def goes_on(position):
        return tf.cond(
            position + 18 <= size,
            lambda: is_extra(position) & ~is_exif(position),
            lambda: False,
        )

    position = tf.while_loop(
        goes_on,
        lambda p: (p + 2 + tf.maximum(u16(p + 2), 2),),
        (tf.constant(2),),
    )[0]
    found = tf.cond(
        position + 18 <= size, lambda: is_exif(position), lambda: False
    )
    return tf.where(found, position + 4, 0)


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

    usable = (start >= 8) & (start + 14 <= size)
    return tf.cond(usable, lambda: tf.maximum(read(), 1), lambda: 1)


def jpeg_orientation(encoded):
    """The Exif orientation of a JPEG file, 1 (upright) to 8.

    Reads tag 0x0112 of the first directory, in both byte orders. Whatever is
    missing, cut or out of range counts as upright; nothing here raises.

    Args:
        encoded: Scalar string tensor, a JPEG file.

    Returns:
        Scalar int32 tensor in [1, 8].

    Reference:

    - Exif 2.3 (JEITA CP-3451C), section 4.6.4, and TIFF 6.0, section 2.
    """
    head = tf.strings.substr(encoded, 0, _EXIF_WINDOW)
    values = tf.cast(tf.io.decode_raw(head, tf.uint8), tf.int32)
    position = _exif_position(values)
    return tf.cond(
        position > 0,
        lambda: _tiff_orientation(values[position + 6 :]),
        lambda: 1,
    )
