"""Encoded image bytes: header, decoding, and rewriting for training.

Bytes come from users: nothing here trusts them. The size is read from the
header and checked before any pixel is decoded.
"""

import dataclasses
import io

import numpy as np
from PIL import Image

from fgkeras.data.images.image_header import HeaderError
from fgkeras.data.images.image_header import jpeg_header
from fgkeras.data.images.image_header import png_header
from fgkeras.data.sources.bad_image import BadImage

MAX_PIXELS = 64_000_000
# Counts up whenever the pixels of a decoded or cropped image change, here, in
# `decode` or in `arrays`: what was computed of the old ones is then not reused.
DECODER_VERSION = 2

_OTHER_FORMATS = ("GIF", "BMP", "WEBP", "TIFF")
_TRANSPOSE = {
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
    """

    format: str
    width: int
    height: int
    orientation: int
    mode: str

    @property
    def upright_size(self):
        """Width and height in pixels once the orientation is applied."""
        if self.orientation >= 5:
            return self.height, self.width
        return self.width, self.height


def inspect(data, *, max_pixels=MAX_PIXELS):
    """Reads an image's header, without decoding pixels.

    Use it to list or check many images: JPEG and PNG headers are parsed here
    (some microseconds), others through Pillow.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, largest allowed `width * height`; a tiny file can
            claim a size that would fill the memory. Defaults to 64 million.

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
            info = _other_header(data)
    except HeaderError as error:
        raise BadImage(str(error)) from None
    if info.width * info.height > max_pixels:
        raise BadImage(
            f"{info.width} x {info.height} pixels are more than the "
            f"{max_pixels} allowed (`max_pixels`)"
        )
    return info


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
    _load(data, info, draft=True)
    return info


def decode(data, *, max_pixels=MAX_PIXELS):
    """Decodes an image to upright RGB pixels.

    The EXIF orientation is applied, gray becomes three equal channels, alpha
    is dropped, 16 bits keep the upper 8, an animation gives its first frame.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, see `inspect`.

    Returns:
        NumPy `uint8` array of shape `(height, width, 3)`.

    Raises:
        BadImage: if the bytes are not a whole image of allowed size.

    Example:

    >>> decode(encode_png(np.zeros((2, 3), "uint8"))).shape
    (2, 3, 3)
    """
    info = inspect(data, max_pixels=max_pixels)
    return np.array(_upright(data, info).convert("RGB"))


def normalize(data, *, max_pixels=MAX_PIXELS, check=True):
    """Returns bytes that every decoder shows alike: upright, 8-bit RGB or gray.

    Use it before storing images for training: graph decoders ignore EXIF
    orientation and differ on palettes, 16 bits, CMYK and animations.

    An upright 8-bit RGB or gray JPEG (baseline or progressive) or PNG is
    returned unchanged. A rotated or CMYK JPEG and a WebP become JPEG of
    quality 95 without chroma subsampling; everything else becomes PNG.

    Args:
        data: Bytes, the whole encoded image.
        max_pixels: Integer, see `inspect`.
        check: Boolean, whether data returned unchanged are run through first
            (see `verify`), so that a cut file is found now. Defaults to True.

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
    plain = info.format in ("jpeg", "png") and info.mode in ("RGB", "L")
    if plain and info.orientation == 1:
        if check:
            _load(data, info, draft=True)
        return data
    image = _upright(data, info)
    lossy = info.format in ("jpeg", "webp")
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


def _other_header(data):
    """Returns `ImageInfo` of what is neither JPEG nor PNG."""
    try:
        with Image.open(io.BytesIO(data), formats=_OTHER_FORMATS) as image:
            width, height = image.size
            # WebP and TIFF carry EXIF; Pillow reads it without the pixels.
            orientation = image.getexif().get(0x0112, 1)
            name, mode = image.format.lower(), image.mode
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage("its header claims too many pixels") from None
    except Exception as error:  # Pillow's plugins raise anything on bad data.
        raise BadImage(_what_it_is(data)) from error
    if width < 1 or height < 1:
        raise BadImage(f"its header claims {width} x {height} pixels")
    if orientation not in range(1, 9):
        orientation = 1
    return ImageInfo(name, width, height, orientation, mode)


def _what_it_is(data):
    """Returns a phrase for bytes that are no image."""
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


def _load(data, info, draft=False):
    """Returns the Pillow image with its pixels decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=(info.format.upper(),))
        if draft and info.format == "jpeg":
            eighth = (max(1, info.width // 8), max(1, info.height // 8))
            image.draft(None, eighth)
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage(
            f"{info.width} x {info.height} pixels are more than Pillow's "
            "`Image.MAX_IMAGE_PIXELS`"
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # Pillow's plugins raise anything on bad data.
        raise BadImage(f"its data are cut or damaged ({error})") from error
    return image


def _upright(data, info):
    """Returns a Pillow image of mode `RGB` or `L`, orientation applied."""
    image = _load(data, info)
    if image.mode.startswith("I"):
        # `convert` would clip 16 bits at 255 instead of scaling them.
        high = np.clip(np.asarray(image).astype("int64") >> 8, 0, 255)
        image = Image.fromarray(high.astype("uint8"))
    elif image.mode == "F":
        raise BadImage("its pixels are floating point; convert it to 8 bits")
    elif image.mode in ("1", "LA", "La"):
        image = image.convert("L")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    if info.orientation in _TRANSPOSE:
        image = image.transpose(_TRANSPOSE[info.orientation])
    image.info.clear()
    return image
