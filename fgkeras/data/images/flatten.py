"""Pillow's images as 8-bit colours or gray, transparency laid on white."""

import numpy as np
from PIL import Image

# What is seen through transparent pixels, in every decoder: that of a page.
GROUND = 255


def lay_on_ground(image, alpha):
    """Lays a Pillow image on white, in its place.

    Args:
        image: `PIL.Image` of mode `RGB` or `L`, which is changed.
        alpha: NumPy `uint8` array `(height, width)`, 255 is opaque.

    Example:

    >>> image = Image.new("L", (1, 1), 100)
    >>> lay_on_ground(image, np.array([[51]], "uint8"))
    >>> image.getpixel((0, 0))
    224
    """
    # Pillow rounds to the nearest, as `decode_png` does.
    ground = (GROUND,) * len(image.getbands())
    image.paste(ground, (0, 0), Image.fromarray(255 - alpha))


def transparency(image, bits=8):
    """Returns how opaque a Pillow image is, pixel by pixel.

    Args:
        image: `PIL.Image`, loaded.
        bits: Integer, bits a channel that a PNG has. Defaults to 8.

    Returns:
        NumPy `uint8` array `(height, width)`, or `None` where the image knows
        no transparency.
    """
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        if image.mode in ("RGBa", "PA"):
            image = image.convert("RGBA")
        return np.asarray(image.getchannel(-1 % len(image.getbands())))
    key = image.info.get("transparency")
    if key is None:
        return None
    if image.mode == "P":
        return np.asarray(image.convert("RGBA").getchannel(3))
    values = np.asarray(image.convert("L") if image.mode == "1" else image)
    if image.mode in ("1", "L") and bits < 8:
        # The key is of the file, the values are stretched to 8 bits.
        key = key * 255 // (2**bits - 1)
    clear = values == np.asarray(key)
    if clear.ndim == 3:
        clear = clear.all(-1)
    return np.where(clear, 0, 255).astype("uint8")


def flattened(image, bits=8, alpha=None):
    """Returns a Pillow image as one of mode `RGB` or `L`.

    Args:
        image: `PIL.Image`, loaded.
        bits: As `transparency`.
        alpha: What `transparency` gave; `None` drops it.

    Raises:
        ValueError: If its colours are of a kind that is not read.
    """
    given = image
    if image.mode.startswith("I"):
        # `convert` would clip 16 bits at 255 instead of scaling them.
        high = np.clip(np.asarray(image) >> 8, 0, 255)
        image = Image.fromarray(high.astype("uint8"))
    elif image.mode == "F":
        raise ValueError("its pixels are floating point; convert it to 8 bits")
    elif image.mode in ("1", "LA", "La"):
        if image.mode == "La":
            image = image.convert("LA")
        image = image.convert("L")
    elif image.mode not in ("L", "RGB"):
        if image.mode == "RGBa" or "transparency" in image.info:
            image = image.convert("RGBA")
        image = image.convert("RGB")
    if alpha is not None and alpha.min() < 255:
        if image is given:
            image = image.copy()
        lay_on_ground(image, alpha)
    return image
