"""Whether a PNG holds all of its rows; Pillow shows black for others."""

import struct
import zlib

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# First column and row, and the steps, of the passes of an interlaced image.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_PART = 2**20


def has_all_rows(data):
    """Unpacks a PNG's data, a part at a time, and counts the bytes.

    Args:
        data: Bytes of a PNG whose header was read.

    Returns:
        Boolean; `False` too where the data do not unpack.

    Reference:
        W3C, Portable Network Graphics (third edition), sections 7 to 10.
    """
    missing = _expected(data)
    unpack = zlib.decompressobj()
    try:
        for part in _packed(data):
            while part and missing > 0 and not unpack.eof:
                missing -= len(unpack.decompress(part, _PART))
                part = unpack.unconsumed_tail
        return missing - len(unpack.flush()) <= 0
    except zlib.error:
        return False


def _packed(data):
    at = 33
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            yield data[at + 8 : at + 8 + length]
        at += 12 + length


def _expected(data):
    """Bytes of all rows, each with one for its filter."""
    width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
    bits *= _CHANNELS[color]
    passes = _PASSES if data[28] else ((0, 0, 1, 1),)
    total = 0
    for left, top, right, down in passes:
        wide = -(-max(width - left, 0) // right)
        high = -(-max(height - top, 0) // down)
        if wide:
            total += high * (1 + (wide * bits + 7) // 8)
    return total
