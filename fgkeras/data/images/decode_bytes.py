"""Bytes of a file, looked at by TensorFlow inside a graph."""

import tensorflow as tf

PNG = b"\x89PNG\r\n\x1a\n"


def starts_with(encoded, magic):
    """Whether a scalar string tensor begins with the bytes `magic`."""
    return tf.strings.substr(encoded, 0, len(magic)) == magic


def is_jpeg(encoded):
    """Whether a scalar string tensor begins as a JPEG file does."""
    return starts_with(encoded, b"\xff\xd8\xff")


def is_gif(encoded):
    """Whether a scalar string tensor begins as a GIF file does."""
    return starts_with(encoded, b"GIF8")


def integer(encoded, start, size, big_endian=False):
    """The unsigned integer in `size` bytes from `start`, as int64."""
    part = tf.io.decode_raw(tf.strings.substr(encoded, start, size), tf.uint8)
    part = tf.ensure_shape(part, (size,))
    powers = [256**i for i in range(size)]
    if big_endian:
        powers.reverse()
    return tf.reduce_sum(tf.cast(part, tf.int64) * tf.constant(powers, "int64"))
