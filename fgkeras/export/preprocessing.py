"""How pixels for an exported model are made, in words a program can follow."""

from fgkeras.data.images.image import EARLIER_DECODER

_DTYPES = {"float": "float32", "uint8": "uint8"}


def dtype_of(input):
    """Returns the type of pixels behind its short name.

    Args:
        input: String, `"float"` or `"uint8"`.

    Raises:
        ValueError: If there is no such name.

    Example:

    >>> dtype_of("float")
    'float32'
    """
    if input not in _DTYPES:
        raise ValueError(
            f"`input` (--input) must be {' or '.join(_DTYPES)}, the type of "
            f"pixels. Received: input={input!r}."
        )
    return _DTYPES[input]


def preprocessing(size, resize, decoder):
    """Returns what is to be done to a file before its pixels go in.

    A signature that takes bytes does it itself; whoever gives pixels does it.

    Args:
        size: Int, side of the crop in pixels.
        resize: Int of at least `size`, or `None`: the side before the crop.
        decoder: Int, `fgkeras.data.images.image.DECODER_VERSION` or that of
            an earlier run.

    Returns:
        Dict of texts and numbers, JSON values.

    Example:

    >>> preprocessing(224, 256, 3)["margin"]
    16
    """
    before = size if resize is None else resize
    transparency = "laid on white"
    if decoder == EARLIER_DECODER:
        transparency = "dropped"
    return {
        "steps": [
            "decode to 8-bit RGB, upright as Exif asks; gray gives three equal "
            f"channels; transparency is {transparency}; of an animation the "
            "first frame",
            "cut the central square, as wide as the shorter side (offsets "
            "rounded down)",
            f"resize it to {before} x {before}, bilinear, antialiased (a "
            "triangle as wide as a pixel of the result)",
            f"keep the central {size} x {size}",
        ],
        "resize": before,
        "margin": (before - size) // 2,
        "size": size,
        "interpolation": "bilinear, antialiased",
        "channels": "RGB",
        "layout": "batch, height, width, channels",
        "values": "0 to 255, not scaled; of uint8 rounded to the nearest",
        "decoder": decoder,
    }
