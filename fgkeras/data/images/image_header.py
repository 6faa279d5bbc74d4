"""Headers of image files, parsed from bytes in some microseconds."""

import re
import struct


class HeaderError(ValueError):
    """A header that is cut or contradicts itself."""


# A file of kilobytes may hold any number of empty ones.
MAX_SEGMENTS = 1000
# Each scan of a progressive JPEG goes over all of its pixels: 20 scans of the
# largest image.
MAX_SCANNED = 20 * 64_000_000
# Where Exif may stand: readers in a graph look no further.
EXIF_WINDOW = 262_144
_SCAN = re.compile(rb"\xff\xda\x00[\x08\x0a\x0c\x0e][\x01-\x04]")
# JPEG markers that start a frame; its number tells the coding process.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# JPEG markers without a length: TEM, RST0-7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
# A marker; within pixels, FF 00 and FF D0 to FF D7 are none that matter.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
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
    at, end, segments = 2, len(data), 0
    orientation, frame = None, None
    while at + 4 <= end:
        segments += 1
        if segments > MAX_SEGMENTS:
            raise HeaderError(
                f"its JPEG header has more than {MAX_SEGMENTS:,} segments"
            )
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
            found = _jpeg_frame(*frame, orientation or 1)
            _check_scans(data, frame[0], *found[:2])
            return found
        if length < 2 or at + 2 + length > end:
            break
        if marker in _FRAMES and frame is None:
            if length < 8:
                raise HeaderError("its JPEG header is damaged")
            frame = (marker, *struct.unpack_from(">BHHB", data, at + 4))
        elif (
            orientation is None
            and marker == 0xE1
            and at + 18 <= EXIF_WINDOW
            and data[at + 4 : at + 10] == b"Exif\0\0"
        ):
            block = data[at + 10 : min(at + 2 + length, EXIF_WINDOW)]
            orientation = exif_orientation(block)
        at += 2 + length
    raise HeaderError("its JPEG header is cut")


def _check_scans(data, marker, width, height):
    """Refuses a progressive JPEG whose scans would take minutes."""
    if marker & 3 != 2:
        return
    scans = len(_SCAN.findall(data))
    if scans * width * height > MAX_SCANNED:
        raise HeaderError(
            f"its {scans:,} scans of {width} x {height} pixels would take too "
            "long to decode; save it as a usual JPEG"
        )


def jpeg_has_end(data):
    """Whether a JPEG ends as one, marker by marker.

    Args:
        data: Bytes that start with `FF D8 FF`.
    """
    at = 2
    while found := _MARKER.search(data, at):
        at, marker = found.end(), data[found.end() - 1]
        if marker == 0xD9:
            return True
        if marker not in _BARE:
            at += int.from_bytes(data[at : at + 2], "big")
    return False


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
        Tuple `(width, height, orientation, mode, transparent)`; see
        `ImageInfo`.

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
    transparent = color in (4, 6)
    for _ in range(MAX_SEGMENTS):
        if at + 8 > end:
            break
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            return width, height, orientation, mode, transparent
        if kind == b"eXIf":
            orientation = exif_orientation(data[at + 8 : at + 8 + length])
        transparent |= kind == b"tRNS"
        at += 12 + length
    else:
        raise HeaderError(
            f"its PNG header has more than {MAX_SEGMENTS:,} chunks"
        )
    raise HeaderError("its PNG header is cut")


def webp_size(data):
    """Reads width and height of a WebP; its library would reserve them first.

    Args:
        data: Bytes that start with `RIFF....WEBP`.

    Raises:
        HeaderError: If the bytes end too early or are of no known kind.

    Reference:
        [WebP container](https://developers.google.com/speed/webp/docs/riff_container).
    """
    kind = data[12:16]
    if len(data) < 30:
        raise HeaderError("its WebP header is cut")
    if kind == b"VP8X":
        wide = 1 + int.from_bytes(data[24:27], "little")
        return wide, 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        wide, high = struct.unpack_from("<HH", data, 26)
        return wide & 0x3FFF, high & 0x3FFF
    raise HeaderError("its WebP header is damaged")


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


def what_it_is(data):
    """Returns a phrase for bytes that are no image.

    Args:
        data: Bytes.

    Example:

    >>> what_it_is(b"")
    'it is empty'
    """
    if not data:
        return "it is empty"
    start = bytes(data[:512]).lstrip()
    if start[:40].startswith(b"version https://git-lfs"):
        return "it is a Git LFS pointer; fetch the files with `git lfs pull`"
    if start[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "it is a web page, not an image"
    if start[4:8] == b"ftyp":
        return "HEIC and AVIF are not read; convert it to JPEG"
    try:
        text = start[:256].decode("ascii")
    except UnicodeDecodeError:
        text = "\0"
    if all(c.isprintable() or c in "\r\n\t" for c in text):
        return "it is text, not an image"
    return "it is not a JPEG, PNG, GIF, BMP, WebP or TIFF image, or it is cut"
