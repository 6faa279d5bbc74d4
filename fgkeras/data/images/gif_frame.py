"""The first frame of a GIF, cut out so that every decoder shows it alike.

Decoders differ on transparent colours, on a frame smaller than its canvas and
on all that may stand around it. What is cut out here has none of these.
"""

import struct

from fgkeras.data.images.image_header import HeaderError

# Blocks hold at most 255 bytes; some 10 MB of them are a very large frame.
MAX_BLOCKS = 50_000
_WHITE = b"\xff\xff\xff"


def gif_frame(data):
    """Cuts the first frame out of a GIF.

    Args:
        data: Bytes that start with `GIF8`.

    Returns:
        Tuple `(frame, size, place, transparent)`: bytes of a GIF of that
        frame alone, in which the transparent colour is white; width and height
        of the whole picture, in pixels; left and top of the frame in it; and
        whether there is a transparent colour or the frame leaves some of the
        picture free.

    Raises:
        HeaderError: If the bytes end before the frame does, it has no colours,
            or more than `MAX_BLOCKS` blocks of data.

    Reference:
        [GIF89a specification](https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
    """
    try:
        return _gif_frame(data)
    except (IndexError, struct.error):
        raise HeaderError("its GIF data are cut") from None


def _gif_frame(data):
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _table_bytes(flags)
    table, clear, left_over = data[13:at], None, MAX_BLOCKS
    while data[at] == 0x21:
        if data[at + 1] == 0xF9 and data[at + 2] >= 4 and data[at + 3] & 1:
            clear = data[at + 6]
        at, left_over = _behind_blocks(data, at + 2, left_over)
    if data[at] != 0x2C:
        raise HeaderError("its GIF data are damaged")
    left, top, wide, high, local = struct.unpack_from("<HHHHB", data, at + 1)
    start = at + 10
    at = start + _table_bytes(local)
    table = data[start:at] if local & 0x80 else table
    end, _ = _behind_blocks(data, at + 1, left_over)
    if not wide or not high or not width or not height:
        raise HeaderError(f"its header claims {wide} x {high} pixels")
    if not table:
        raise HeaderError("it is a GIF without a table of colours")
    if clear is not None and 3 * clear < len(table):
        table = table[: 3 * clear] + _WHITE + table[3 * clear + 3 :]
    bits = (local if local & 0x80 else flags) & 7
    frame = b"".join(
        (
            b"GIF89a",
            struct.pack("<HHBBB", wide, high, 0x80 | bits, 0, 0),
            table,
            b"\x2c",
            # Interlaced or not: nothing else of its flags is left.
            struct.pack("<HHHHB", 0, 0, wide, high, local & 0x40),
            data[at:end],
            b";",
        )
    )
    size = max(width, left + wide), max(height, top + high)
    return frame, size, (left, top), clear is not None or size != (wide, high)


def _table_bytes(flags):
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _behind_blocks(data, at, left_over):
    """The position behind a chain of blocks, and how many more may come."""
    while data[at]:
        at += 1 + data[at]
        left_over -= 1
        if left_over < 0:
            raise HeaderError(
                f"its first frame has more than {MAX_BLOCKS:,} blocks of data; "
                "save it as PNG"
            )
    return at + 1, left_over
