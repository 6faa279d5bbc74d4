"""Pillow's images as 8-bit colours or gray, transparency laid on white."""

import numpy as np
from PIL import Image

# What is seen through transparent pixels, in every decoder: that of a page.
GROUND = 255


def on_ground(pixels, alpha):
    """Lays pixels on white.

    Args:
        pixels: NumPy `uint8` array, `(height, width)` or with channels last.
        alpha: NumPy `uint8` array `(height, width)`, 255 is opaque.

    Returns:
        NumPy `uint8` array of the shape of `pixels`.
    """
    alpha = alpha.astype("uint16")
    if pixels.ndim == 3:
        alpha = alpha[..., None]
    # At most 255 * 255, so that 16 bits are enough.
    out = pixels * alpha + GROUND * (255 - alpha) + np.uint16(127)
    return (out // 255).astype("uint8")


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
    if image.mode.startswith("I"):
        # `convert` would clip 16 bits at 255 instead of scaling them.
        high = np.clip(np.asarray(image).astype("int64") >> 8, 0, 255)
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
        image = Image.fromarray(on_ground(np.asarray(image), alpha))
    return image
