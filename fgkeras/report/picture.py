"""Small pictures that travel inside the page."""

import base64
import dataclasses
import io

from PIL import Image


@dataclasses.dataclass(frozen=True)
class Picture:
    """A JPEG as a data URI.

    Attributes:
        uri: str, `data:image/jpeg;base64,...`.
        width: int, pixels.
        height: int, pixels.
    """

    uri: str
    width: int
    height: int


def encode_picture(image, *, max_side=96, quality=80):
    """Shrinks an image and encodes it as a `Picture`.

    Args:
        image: PIL.Image of any mode; left unchanged. Transparency becomes
            white.
        max_side: int, pixels; smaller images keep their size.
        quality: int in 1..95, of the JPEG.

    Returns:
        `Picture`.

    Example:

    >>> encode_picture(Image.new("L", (192, 96))).height
    48
    """
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = image.convert("RGB")
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    code = base64.b64encode(file.getvalue()).decode("ascii")
    return Picture(f"data:image/jpeg;base64,{code}", *image.size)


class Thumbnails:
    """Asks for each image once.

    Args:
        load: function of an int that returns a PIL.Image or None.
    """

    def __init__(self, load):
        self._load = load
        self._known = {}

    def __call__(self, index):
        """Returns the `Picture` of an image, or None where there is none."""
        if index is None:
            return None
        if index not in self._known:
            image = self._load(index)
            self._known[index] = image and encode_picture(image)
        return self._known[index]
