"""The kinds of picture files that people have, each with its pixels."""

import numpy as np
from PIL import Image
from PIL import ImageChops

from tests.data.pictures import encoded
from tests.data.pictures import pixels

SIZE = 32
_SMOOTH = pixels(24, 40, seed=3)
_IMAGE = Image.fromarray(_SMOOTH)


def _turned(tag):
    exif = Image.Exif()
    exif[0x0112] = tag
    return exif


def _clear(mode="RGBA"):
    """A picture that grows opaque from left to right."""
    image = _IMAGE.convert("RGBA")
    ramp = np.linspace(0, 255, 40).astype("uint8")
    image.putalpha(Image.fromarray(np.tile(ramp, (24, 1))))
    return image.convert(mode)


def _palette(transparent=None):
    image = _IMAGE.quantize(16)
    if transparent is not None:
        image.info["transparency"] = transparent
    return image


def _frames(kind, **options):
    others = [Image.fromarray(pixels(24, 40, seed=s)) for s in (4, 5)]
    if kind == "GIF":
        others = [image.quantize(16) for image in others]
    return encoded(
        options.pop("first", _IMAGE),
        kind,
        save_all=True,
        append_images=others,
        **options,
    )


def _deep(values):
    return encoded(values.astype("uint16"), "PNG")


def _small_frame():
    """A GIF whose only frame leaves the right and the lower part free."""
    data = bytearray(encoded(_palette(), "GIF"))
    data[6:10] = (60).to_bytes(2, "little") + (50).to_bytes(2, "little")
    return bytes(data)


def _without_adobe(data):
    """A JPEG in CMYK that does not say that its colours are inverted."""
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) :]


def flavours():
    """Returns a dict of name to bytes, those a SavedModel reads first."""
    gray = _SMOOTH[..., 0]
    wide = gray.astype("uint16") * 257
    out = {
        "jpeg": encoded(_IMAGE, quality=95),
        "jpeg progressive": encoded(_IMAGE, progressive=True),
        "jpeg gray": encoded(gray),
        "jpeg full chroma": encoded(_IMAGE, subsampling=0),
        "jpeg cmyk": encoded(_IMAGE.convert("CMYK"), quality=95),
        "jpeg cmyk plain": _without_adobe(
            encoded(ImageChops.invert(_IMAGE.convert("CMYK")), quality=95)
        ),
        "png": encoded(_IMAGE, "PNG"),
        "png gray": encoded(gray, "PNG"),
        "png palette": encoded(_palette(), "PNG"),
        "png palette 2 bits": encoded(_IMAGE.quantize(4), "PNG", bits=2),
        "png 1 bit": encoded(_IMAGE.convert("1"), "PNG"),
        "png 16 bits": _deep(wide),
        "png rgba": encoded(_clear(), "PNG"),
        "png la": encoded(_clear("LA"), "PNG"),
        "png opaque rgba": encoded(_IMAGE.convert("RGBA"), "PNG"),
        "png palette clear": encoded(_palette(3), "PNG", transparency=3),
        "png palette clear by degrees": encoded(
            _palette(), "PNG", transparency=bytes(range(0, 256, 16))
        ),
        "png gray clear": encoded(
            Image.fromarray(gray), "PNG", transparency=int(gray[0, 0])
        ),
        "png rgb clear": encoded(
            _IMAGE, "PNG", transparency=tuple(map(int, _SMOOTH[0, 0]))
        ),
        "png turned": encoded(_IMAGE, "PNG", exif=_turned(6)),
        "png rgba turned": encoded(_clear(), "PNG", exif=_turned(7)),
        "gif": encoded(_palette(), "GIF"),
        "gif interlaced": encoded(_palette(), "GIF", interlace=1),
        "gif animated": _frames("GIF", first=_palette()),
        "gif clear": encoded(_palette(2), "GIF", transparency=2),
        "gif animated clear": _frames(
            "GIF", first=_palette(2), transparency=2, disposal=2
        ),
        "gif small frame": _small_frame(),
        "bmp": encoded(_IMAGE, "BMP"),
        "bmp gray": encoded(gray, "BMP"),
        "bmp palette": encoded(_palette(), "BMP"),
        "bmp 32 bits": encoded(_clear(), "BMP"),
    }
    for tag in range(2, 9):
        out[f"jpeg turned {tag}"] = encoded(
            _IMAGE, quality=90, exif=_turned(tag)
        )
    return out


def unserved():
    """Returns a dict of name to bytes that no graph decodes."""
    return {
        "bmp 1 bit": encoded(_IMAGE.convert("1"), "BMP"),
        "webp": encoded(_IMAGE, "WEBP", quality=90),
        "webp lossless": encoded(_IMAGE, "WEBP", lossless=True),
        "webp animated": _frames("WEBP", lossless=True),
        "webp clear": encoded(_clear(), "WEBP", lossless=True, exact=True),
        "webp turned": encoded(_IMAGE, "WEBP", exif=_turned(6), lossless=True),
        "tiff": encoded(_IMAGE, "TIFF"),
        "tiff packed": encoded(_IMAGE, "TIFF", compression="tiff_lzw"),
        "tiff clear": encoded(_clear(), "TIFF"),
        "tiff turned": encoded(_IMAGE, "TIFF", exif=_turned(6)),
        "tiff cmyk": encoded(_IMAGE.convert("CMYK"), "TIFF"),
        "tiff 16 bits": encoded(
            (_SMOOTH[..., 0].astype("uint16") * 257), "TIFF"
        ),
    }
