"""Encoded image bytes: header, decoding, and rewriting for training.

Bytes come from users: nothing here trusts them. The size is read from the
header and checked before any pixel is decoded.
"""

import dataclasses
import io

import numpy as np
from PIL import Image
from PIL import ImageChops

from fgkeras.data.images.depth import used_bits
from fgkeras.data.images.flatten import GROUND
from fgkeras.data.images.flatten import flattened
from fgkeras.data.images.flatten import transparency
from fgkeras.data.images.gif_frame import gif_frame
from fgkeras.data.images.image_header import HeaderError
from fgkeras.data.images.image_header import jpeg_has_end
from fgkeras.data.images.image_header import jpeg_header
from fgkeras.data.images.image_header import png_header
from fgkeras.data.images.image_header import webp_size
from fgkeras.data.images.image_header import what_it_is
from fgkeras.data.images.png_check import png_fault
from fgkeras.data.sources.bad_image import BadImage

MAX_PIXELS = 64_000_000
# Pillow's reader of WebP holds 17 bytes a pixel: 1 GB is 62 million of them.
MAX_WEBP_PIXELS = 56_000_000
# Counts up whenever the pixels of a decoded or cropped image change, here, in
# `decode` or in `arrays`: what was computed of the old ones is then not reused.
# A run keeps the number it was trained under, and is answered by it:
# 2 dropped transparency, made JPEGs of WebP, CMYK and turned pictures, and
# turned TIFFs twice; 3 lays transparency on white, loses nothing, and takes
# CMYK as inverted by Adobe's marker alone.
DECODER_VERSION = 3
EARLIER_DECODER = 2

_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")
_OTHER_FORMATS = ("GIF", "BMP", "WEBP", "TIFF")
TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclasses.dataclass(frozen=True)
class ImageInfo:
    """What an image's header says.

    Args:
        format: String: `"jpeg"`, `"png"`, `"gif"`, `"bmp"`, `"webp"`, `"tiff"`.
        width: Integer, pixels, as stored (before orientation).
        height: Integer, pixels, as stored.
        orientation: Integer in [1, 8], the EXIF orientation; 1 is upright.
        mode: String: `"RGB"` and `"L"` are 8-bit; others are Pillow's, with
            `";N"` for N bits a channel where that is not 8. A JPEG that is
            neither baseline nor progressive has `";sofN"`.
        transparent: Boolean, whether it may be transparent somewhere; of
            `verify` whether it is. Defaults to `False`.
        used_bits: Integer, of `verify`: how many of its bits a picture of 16
            uses, see `fgkeras.data.images.depth`. `None` (default) of others.
    """

    format: str
    width: int
    height: int
    orientation: int
    mode: str
    transparent: bool = False
    used_bits: int | None = None

    @property
    def upright_size(self):
        """Width and height in pixels once the orientation is applied."""
        if self.orientation >= 5:
            return self.height, self.width
        return self.width, self.height

    @property
    def deep(self):
        """Whether it has 16 bits a channel."""
        return self.mode == "I" or self.mode.endswith(";16")

    @property
    def plain(self):
        """Whether it is a JPEG or PNG that needs nothing but decoding."""
        known = self.format in ("jpeg", "png") and self.mode in ("RGB", "L")
        return known and self.orientation == 1 and not self.transparent


def inspect(data, *, max_pixels=MAX_PIXELS):
    """Reads an image's header, without decoding pixels.

    Use it to list or check many images: JPEG and PNG headers are parsed here
    (some microseconds), others through Pillow.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, largest allowed `width * height`; a tiny file can
            claim a size that would fill the memory. Defaults to 64 million. A
            WebP, which takes more, has 56 million at most.

    Returns:
        `ImageInfo`.

    Raises:
        BadImage: if the bytes are empty, no image, cut within the header, or
            claim too many pixels.

    Example:

    >>> inspect(b"hello")
    Traceback (most recent call last):
    ...
    fgkeras.data.sources.bad_image.BadImage: it is text, not an image
    """
    try:
        if data[:3] == b"\xff\xd8\xff":
            info = ImageInfo("jpeg", *jpeg_header(data))
        elif data[:8] == b"\x89PNG\r\n\x1a\n":
            info = ImageInfo("png", *png_header(data))
        else:
            info = _other_header(data, max_pixels)
    except HeaderError as error:
        raise BadImage(str(error)) from None
    _check_size(info.width, info.height, max_pixels)
    return info


def _check_size(width, height, max_pixels):
    if width * height > max_pixels:
        raise BadImage(
            f"{width} x {height} pixels are more than the {max_pixels:,} "
            "allowed; make it smaller"
        )


def verify(data, *, max_pixels=MAX_PIXELS):
    """Runs through all of an image's data, without keeping pixels.

    Use it to find what a header does not show: a file cut short or damaged.
    JPEGs are decoded at an eighth of their size, which reads every byte.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, see `inspect`.

    Returns:
        `ImageInfo`.

    Raises:
        BadImage: as `inspect`, or if the data are cut or damaged.
    """
    info = inspect(data, max_pixels=max_pixels)
    image = _load(data, info, draft=True)
    clear = info.transparent and _is_clear(image, info)
    bits = used_bits(image) if info.deep else None
    return dataclasses.replace(info, transparent=clear, used_bits=bits)


def decode(data, *, max_pixels=MAX_PIXELS, decoder=DECODER_VERSION):
    """Decodes an image to upright RGB pixels.

    The EXIF orientation is applied, gray becomes three equal channels,
    transparency is laid on white, 16 bits keep the upper 8, an animation gives
    its first frame.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, see `inspect`.
        decoder: Integer, `DECODER_VERSION` or the one of an earlier run.

    Returns:
        NumPy `uint8` array of shape `(height, width, 3)`.

    Raises:
        BadImage: if the bytes are not a whole image of allowed size.

    Example:

    >>> decode(encode_png(np.zeros((2, 3), "uint8"))).shape
    (2, 3, 3)
    """
    info = inspect(data, max_pixels=max_pixels)
    return np.array(_upright(data, info, decoder).convert("RGB"))


def normalize(
    data,
    *,
    max_pixels=MAX_PIXELS,
    check=True,
    upright=False,
    decoder=DECODER_VERSION,
    depth=None,
):
    """Returns bytes that every decoder of this package shows alike.

    Use it before training: decoders differ on transparency, palettes, 16 bits,
    CMYK and animations.

    An 8-bit RGB or gray JPEG (baseline or progressive) is returned unchanged,
    to be turned by whoever decodes it; so is an upright PNG of that kind.
    Everything else becomes PNG: upright, transparency laid on white.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, see `inspect`.
        check: Boolean, whether data returned unchanged are run through first
            (see `verify`), so that a cut file is found now. Defaults to True.
        upright: Boolean, whether a turned JPEG becomes an upright one of
            quality 95 without chroma subsampling, for readers that do not turn
            it; it differs by some levels. Defaults to False.
        decoder: Integer, `DECODER_VERSION` or the one of an earlier run.
        depth: Callable that is told, of a picture of 16 bits, how many it
            uses; or `None`.

    Returns:
        Bytes of a JPEG or PNG.

    Raises:
        BadImage: as `decode`.

    Example:

    >>> png = encode_png(np.zeros((2, 3), "uint8"))
    >>> normalize(png) == png
    True
    """
    info = inspect(data, max_pixels=max_pixels)
    old = decoder == EARLIER_DECODER
    plain = dataclasses.replace(info, orientation=1).plain
    may_turn = info.format == "jpeg" and not upright and not old
    if plain and (info.orientation == 1 or may_turn):
        if check:
            _load(data, info, draft=True)
        return data
    image = _upright(data, info, decoder, depth)
    lossy = info.format == "jpeg" and (plain or old)
    lossy |= info.format == "webp" and old
    out = io.BytesIO()
    if lossy:
        image.save(out, "JPEG", quality=95, subsampling=0)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def encode_png(pixels):
    """Encodes pixels without loss.

    Args:
        pixels: NumPy `uint8` array, `(height, width)` or
            `(height, width, 3)`.

    Returns:
        Bytes of a PNG.
    """
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _other_header(data, max_pixels):
    """Returns `ImageInfo` of what is neither JPEG nor PNG."""
    frame = None
    if data[:4] == b"GIF8":
        frame = gif_frame(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        # Its library takes the memory of all pixels when it is opened.
        _check_size(*webp_size(data), min(max_pixels, MAX_WEBP_PIXELS))
    try:
        with _opened(data) as image:
            width, height = image.size
            # WebP and TIFF carry EXIF; Pillow reads it without the pixels.
            orientation = image.getexif().get(0x0112, 1)
            name, mode = image.format.lower(), image.mode
            if name == "tiff" and 16 in image.tag_v2.get(258, ()):
                mode = f"{mode.partition(';')[0]};16"
            clear = image.mode in _WITH_ALPHA or "transparency" in image.info
    except Exception as error:  # Pillow's plugins raise anything on bad data.
        raise BadImage(what_it_is(data)) from error
    if frame is not None:
        _, (width, height), _, clear = frame
    if width < 1 or height < 1:
        raise BadImage(f"its header claims {width} x {height} pixels")
    if orientation not in range(1, 9):
        orientation = 1
    if name == "tiff" and orientation >= 5:
        # Pillow turns these by itself, and tells the size that comes of it.
        width, height = height, width
    return ImageInfo(name, width, height, orientation, mode, clear)


def _opened(data):
    """As `Image.open`, which has a limit of pixels of its own."""
    Image.init()
    for name in _OTHER_FORMATS:
        make, accept = Image.OPEN[name]
        if accept(data[:16]):
            return make(io.BytesIO(data), "")
    raise HeaderError("no format has such a start")


def _load(data, info, draft=False):
    """Returns the Pillow image with its pixels decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=(info.format.upper(),))
        if draft and info.format == "jpeg":
            eighth = (max(1, info.width // 8), max(1, info.height // 8))
            image.draft(None, eighth)
        image.load()
        if info.format == "webp":
            # Its reader keeps two more copies of the pixels while it lives.
            image = image.copy()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage(
            f"{info.width} x {info.height} pixels are more than Pillow's "
            "`Image.MAX_IMAGE_PIXELS`"
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # Pillow's plugins raise anything on bad data.
        raise BadImage(f"its data are cut or damaged ({error})") from error
    fault = None
    if info.format == "png":
        fault = png_fault(data)
    elif info.format == "jpeg" and not jpeg_has_end(data):
        # Pillow needs none, other decoders read on for it.
        fault = "its end is missing"
    if fault:
        raise BadImage(f"its data are cut or damaged ({fault})")
    return image


def _bits(info):
    """Bits a channel of the file, where Pillow shows 8 or 16."""
    kind, _, bits = info.mode.partition(";")
    return 1 if kind == "1" else int(bits or 8) if bits.isdigit() else 8


def _is_clear(image, info):
    """Whether some pixel of a loaded image is not opaque."""
    if info.format == "gif":
        # Its frame is looked for by number, not by the colour's place.
        alpha = np.asarray(image.convert("RGBA").getchannel(3))
        return bool(alpha.min() < 255) or image.size != info.upright_size
    alpha = transparency(image, _bits(info))
    return alpha is not None and bool(alpha.min() < 255)


def _upright(data, info, decoder, depth=None):
    """Returns a Pillow image of mode `RGB` or `L`, orientation applied."""
    old = decoder == EARLIER_DECODER
    if info.format == "gif" and not old:
        return _first_frame(data, info)
    image = _load(data, info)
    bits = _bits(info)
    if depth is not None and info.deep:
        depth(used_bits(image))
    jpeg_cmyk = info.format == "jpeg" and image.mode == "CMYK" and not old
    if jpeg_cmyk and "adobe_transform" not in image.info:
        # Pillow takes all as inverted; it is Adobe's marker that says so.
        image = ImageChops.invert(image)
    alpha = None
    if not old and info.transparent:
        if info.mode == "RGB;16":
            raise BadImage(
                "a transparent colour of 16 bits is not read; save it with an "
                "alpha channel"
            )
        alpha = transparency(image, bits)
    try:
        image = flattened(image, bits, alpha)
    except ValueError as error:
        raise BadImage(str(error)) from error
    # Pillow turns a TIFF when it loads it.
    if info.orientation in TRANSPOSE and (old or info.format != "tiff"):
        image = image.transpose(TRANSPOSE[info.orientation])
    image.info.clear()
    return image


def _first_frame(data, info):
    """Returns the first frame of a GIF where it stands in the picture."""
    frame, size, place, _ = gif_frame(data)
    image = _load(frame, info).convert("RGB")
    if image.size == size:
        image.info.clear()
        return image
    whole = Image.new("RGB", size, (GROUND,) * 3)
    whole.paste(image, place)
    return whole
