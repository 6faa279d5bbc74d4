"""Some pictures that a run keeps, to compare its exports with its model."""

import io

import numpy as np
from PIL import Image

from fgkeras.data.images import image
from fgkeras.export.packed_pictures import packed
from fgkeras.export.packed_pictures import unpacked
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import damaged
from fgkeras.training.saved_arrays import load_arrays

FILE = "parity_pictures.npz"
COUNT = 32
# So that a run grows by 4 MB at most.
_BYTES = 131_072
_QUALITIES = (90, 75, 50)


def keep_pictures(folder, *parts):
    """Writes pictures that a training did not see, if there are any.

    Up to 32, evenly spaced in the first part that has any. Of a picture of more
    than 128 KB, or more than twice as large as the model's view of it, the
    central square is kept, smaller, as a JPEG: what is compared is two
    decoders and two models, not the picture.

    Args:
        folder: The `RunFolder`.
        *parts: `SplitImages` or `None`, those to prefer first.
    """
    images = next(part for part in parts if part is not None and len(part))
    places = evenly(len(images), COUNT)
    most = 2 * images.view.resize
    pictures = [smaller(bytes(images.encoded[i]), most) for i in places]
    write_arrays(
        folder / FILE,
        **packed(pictures),
        ids=np.array([images.ids[i] for i in places]),
        split=np.array(images.split),
    )


def kept_pictures(folder):
    """Returns the pictures that a run keeps, a tuple of bytes.

    Args:
        folder: The `RunFolder`. Runs of earlier versions keep none.

    Raises:
        ValueError: If the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    found = load_arrays(path, AGAIN, ("content", "lengths"))
    try:
        return unpacked(found["content"], found["lengths"])
    except ValueError as error:
        raise damaged(path, error) from error


def evenly(count, most):
    """Returns up to `most` places among `count`, evenly spaced, ascending.

    Example:

    >>> evenly(10, 4), evenly(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    if count <= most:
        return list(range(count))
    return [int(i) for i in np.linspace(0, count - 1, most).round()]


def smaller(data, most):
    """Returns bytes of a picture, made smaller where it is large.

    Args:
        data: Bytes, as from `fgkeras.data.images.image.normalize`.
        most: Int, pixels of the shorter side that are kept at most.
    """
    side = min(image.inspect(data).upright_size)
    if len(data) <= _BYTES and side <= most:
        return data
    pixels = image.decode(data)
    # What lies beyond the central square no model of ours sees.
    top, left = ((n - side) // 2 for n in pixels.shape[:2])
    picture = Image.fromarray(pixels[top : top + side, left : left + side])
    side = min(side, most)
    while True:
        shrunk = picture.resize((side, side), Image.Resampling.BILINEAR)
        for quality in _QUALITIES:
            out = io.BytesIO()
            shrunk.save(out, "JPEG", quality=quality)
            if out.tell() <= _BYTES:
                return out.getvalue()
        side = max(1, side // 2)
