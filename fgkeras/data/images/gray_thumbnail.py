"""A picture as a few gray levels, to be compared with others."""

import concurrent.futures
import io

import numpy as np
from PIL import Image

from fgkeras.data.images import image
from fgkeras.data.images.encoded import read_checked
from fgkeras.data.images.screened import map_in_order

SIDE = 16


def gray_thumbnail(encoded, side=SIDE):
    """Returns the gray levels of a whole picture, squeezed into a square.

    Each is the mean of a field of the picture, upright; what is transparent is
    seen as white.

    Args:
        encoded: Bytes, as from `read_checked`.
        side: Int, pixels. Defaults to `16`.

    Returns:
        `uint8 (side, side)`.

    Example:

    >>> file = io.BytesIO()
    >>> Image.new("RGB", (40, 20), (90, 90, 90)).save(file, "PNG")
    >>> np.unique(gray_thumbnail(file.getvalue())).tolist()
    [90]
    """
    picture = Image.open(io.BytesIO(encoded))
    picture.draft("RGB", (4 * side, 4 * side))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    turn = image.TRANSPOSE.get(image.inspect(encoded).orientation)
    picture = picture.convert("L")
    if turn is not None:
        picture = picture.transpose(turn)
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX))


def gray_thumbnails(source, ids, *, side=SIDE, progress=None, num_threads=4):
    """Reads pictures as gray levels, four at a time.

    Args:
        source: `Source`.
        ids: Sequence of strings, some of its ids.
        side: Int, pixels. Defaults to `16`.
        progress: `None`, or callable of `(done, total)`.
        num_threads: Int at least 1. Defaults to `4`.

    Returns:
        Tuple of `uint8 (num_images, side, side)` and a list of `(id, reason)`
        of the pictures that cannot be read, which are black.

    Example:

    >>> import fgkeras.data
    >>> source = fgkeras.data.open("flora:species=2,images=3,size=32")
    >>> found, unread = gray_thumbnails(source, source.split("train").ids)
    >>> found.shape, unread
    ((4, 16, 16), [])
    """

    def look(image_id):
        try:
            return gray_thumbnail(read_checked(source, image_id), side), None
        except (ValueError, OSError) as error:
            return None, str(error)

    found, unread = np.zeros((len(ids), side, side), np.uint8), []
    with concurrent.futures.ThreadPoolExecutor(num_threads) as pool:
        looks = map_in_order(pool, look, ids, 4 * num_threads)
        for i, (levels, reason) in enumerate(looks):
            if levels is None:
                unread.append((ids[i], reason))
            else:
                found[i] = levels
            if progress:
                progress(i + 1, len(ids))
    return found, unread
