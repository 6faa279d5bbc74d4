"""Headers of JPEG and PNG files, parsed from bytes in some microseconds."""

import struct


class HeaderError(ValueError):
    """A header that is cut or contradicts itself."""


# JPEG markers that start a frame; its number tells the coding process.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# JPEG markers without a length: TEM, RST0-7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_PNG_MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_PNG_BITS = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}


def jpeg_header(data):
    """Reads size, EXIF orientation and mode from a JPEG's segments.

    Args:
        data: Bytes that start with `FF D8 FF`.

    Returns:
        Tuple `(width, height, orientation, mode)`; see `ImageInfo`.

    Raises:
        HeaderError: if the bytes end before the first scan, or the size is
            missing or zero.

    Reference:
        ITU-T T.81, annex B.
    """
    at, end = 2, len(data)
    orientation, frame = 1, None
    while at + 4 <= end:
        if data[at] != 0xFF:
            raise HeaderError("its JPEG header is damaged")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        length = (data[at + 2] << 8) | data[at + 3]
        if marker == 0xDA:
            if frame is None:
                raise HeaderError("its JPEG header has no image size")
            return _jpeg_frame(*frame, orientation)
        if length < 2 or at + 2 + length > end:
            break
        if marker in _FRAMES and frame is None:
            if length < 8:
                raise HeaderError("its JPEG header is damaged")
            frame = (marker, *struct.unpack_from(">BHHB", data, at + 4))
        elif marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            block = data[at + 10 : at + 2 + length]
            orientation = exif_orientation(block)
        at += 2 + length
    raise HeaderError("its JPEG header is cut")


def _jpeg_frame(marker, bits, height, width, channels, orientation):
    """Returns what `jpeg_header` returns, from the fields of a frame."""
    if not width or not height:
        raise HeaderError(f"its header claims {width} x {height} pixels")
    mode = {1: "L", 3: "RGB", 4: "CMYK"}.get(channels)
    if mode is None:
        raise HeaderError(f"its header claims {channels} channels")
    if bits != 8:
        mode += f";{bits}"
    elif marker > 0xC2:
        mode += f";sof{marker - 0xC0}"
    return width, height, orientation, mode


def png_header(data):
    """Reads size, EXIF orientation and mode from a PNG's first chunks.

    Args:
        data: Bytes that start with the PNG signature.

    Returns:
        Tuple `(width, height, orientation, mode)`; see `ImageInfo`.

    Raises:
        HeaderError: if the bytes end before the first pixel data, or the
            header's values are not allowed.

    Reference:
        W3C, Portable Network Graphics (third edition), sections 5 and 11.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise HeaderError("its PNG header is cut")
    width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
    if not width or not height:
        raise HeaderError(f"its header claims {width} x {height} pixels")
    if bits not in _PNG_BITS.get(color, ()):
        raise HeaderError("its PNG header is damaged")
    mode = _PNG_MODES[color]
    if bits == 1 and mode == "L":
        mode = "1"
    elif bits != 8:
        mode += f";{bits}"
    orientation, at, end = 1, 33, len(data)
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return width, height, orientation, mode
        if kind == b"eXIf":
            orientation = exif_orientation(data[at + 8 : at + 8 + length])
        at += 12 + length
    raise HeaderError("its PNG header is cut")


def exif_orientation(block):
    """Returns the orientation of an EXIF block, 1 where there is none.

    Args:
        block: Bytes of a TIFF structure (`II*` or `MM*`).

    Returns:
        Integer in [1, 8]. A damaged block counts as upright: cameras and
        editors write many, and the pixels are whole.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(block[:2]))
    if order is None or len(block) < 8:
        return 1
    (at,) = struct.unpack_from(order + "I", block, 4)
    if at + 2 > len(block):
        return 1
    (entries,) = struct.unpack_from(order + "H", block, at)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        if entry + 12 > len(block):
            return 1
        tag, _, _, value = struct.unpack_from(order + "HHIH", block, entry)
        if tag == 0x0112:
            return value if 1 <= value <= 8 else 1
    return 1
