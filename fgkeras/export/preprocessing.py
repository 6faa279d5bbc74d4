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


def box_note(margin):
    """Returns what to say to whoever gives pictures without boxes.

    Args:
        margin: Float, share of the box's height and width that was seen beyond
            each of its sides.

    Returns:
        String, sentences.

    Example:

    >>> "10 %" in box_note(0.1)
    True
    """
    more = f" and {100 * margin:g} % of it on each side" if margin else ""
    return (
        "The model was trained and measured on pictures cropped to boxes: the "
        f"box of what they show{more}. It takes pictures as they come and "
        "crops none: crop them so before, or what was measured does not hold."
    )


def preprocessing(size, resize, decoder, box_margin=None):
    """Returns what is to be done to a file before its pixels go in.

    A signature that takes bytes does it itself; whoever gives pixels does it.

    Args:
        size: Int, side of the crop in pixels.
        resize: Int of at least `size`, or `None`: the side before the crop.
        decoder: Int, `fgkeras.data.images.image.DECODER_VERSION` or that of
            an earlier run.
        box_margin: Float, see `box_note`, of a model of pictures that are
            cropped to boxes; `None` (default) of one of whole pictures.

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
    boxes = {}
    if box_margin is not None:
        note = box_note(box_margin)
        boxes["boxes"] = {"margin": box_margin, "note": note}
    return {
        **boxes,
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
