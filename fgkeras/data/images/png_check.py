"""Whether a PNG is whole: Pillow shows some that others refuse.

It skips the checksums of pixels, needs no end, and shows missing rows black.
"""

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
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


def png_fault(data):
    """Looks for what libpng refuses in a PNG: unpacks its data, keeps none.

    Args:
        data: Bytes of a PNG whose header was read.

    Returns:
        `None`, or a phrase for what is wrong.

    Reference:
        W3C, Portable Network Graphics (third edition), sections 5 to 10.
    """
    missing = _expected(data)
    unpack = zlib.decompressobj()
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if not kind.isalpha() or end + 4 > len(data):
            return "a chunk is damaged"
        # A small first letter: a chunk that need not be understood.
        if kind[0] < 0x60:
            if kind not in _CRITICAL:
                return f"a chunk is unknown, {kind.decode()}"
            (checksum,) = struct.unpack_from(">I", data, end)
            if zlib.crc32(memoryview(data)[at + 4 : end]) != checksum:
                return "a checksum is wrong"
        if kind == b"IEND":
            break
        if kind == b"IDAT":
            part = data[at + 8 : end]
            try:
                while part and missing > 0 and not unpack.eof:
                    missing -= len(unpack.decompress(part, _PART))
                    part = unpack.unconsumed_tail
            except zlib.error:
                return "its pixels do not unpack"
        at = end + 4
    else:
        return "its end is missing"
    if missing > 0 and not unpack.eof:
        # What was unpacked of the last bytes and did not fit into a part.
        missing -= len(unpack.flush())
    return "rows are missing" if missing > 0 else None


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
