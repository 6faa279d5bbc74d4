"""64 bits of a picture that stay when it is saved again or resized."""

import numpy as np
from scipy.fft import dct

SIDE = 32
_LOW = 8
# Of the largest frequency: below is rounding, of plain gradients.
_ROUNDING = 1e-9


def perceptual_hash(thumbnails):
    """Hashes pictures and their mirror images by their low frequencies.

        bit_uv = [F_uv > median of F],  0 <= u, v < 8

    with `F` the two-dimensional cosine transform (DCT-II) of a gray picture of
    32 x 32, and the first bit the highest. Mirroring left to right only turns
    the sign of odd columns of F. Copies saved as JPEG or resized differ in 4
    bits or fewer as a rule, whereas a crop of 5 % differs in more. Pictures of
    one colour all have the same hash.

    Use it on a pool of 100,000 pictures and more, where `suspects.near_copies`,
    which compares all with all, takes long. Of pictures resized by Pillow's
    Lanczos filter the hashes are those of `imagehash.phash`; among themselves
    those of any smooth filter do.

    Args:
        thumbnails: Array of shape `(num_images, 32, 32)`, gray levels from 0
            to 255.

    Returns:
        `uint64 (num_images, 2)`: of the picture, and of its mirror image.

    Raises:
        ValueError: For another shape, NaN or infinity.

    Example:

    >>> picture = np.random.default_rng(0).uniform(0, 255, (1, 32, 32))
    >>> hashes = perceptual_hash(picture)
    >>> mirrored = perceptual_hash(picture[:, :, ::-1])
    >>> bool(hashes[0, 0] == mirrored[0, 1]), bool(hashes[0, 0] == hashes[0, 1])
    (True, False)

    Reference:
        Zauner, "Implementation and Benchmarking of Perceptual Image Hash
        Functions", 2010.
    """
    levels = np.asarray(thumbnails)
    if (
        levels.ndim != 3
        or levels.shape[1:] != (SIDE, SIDE)
        or levels.dtype.kind not in "fiu"
        or not np.isfinite(levels).all()
    ):
        raise ValueError(
            "thumbnails must be finite gray pictures of 32 x 32. Received: "
            f"thumbnails.shape={levels.shape}, dtype={levels.dtype}. Make them "
            "with gray_thumbnails(..., side=32)."
        )
    low = dct(dct(levels.astype(np.float64), axis=1)[:, :_LOW], axis=2)
    low = low[:, :, :_LOW]
    if len(low):
        largest = np.abs(low).max(axis=(1, 2), keepdims=True)
        low = np.where(np.abs(low) > _ROUNDING * largest, low, 0.0)
    turned = low * (-1.0) ** np.arange(_LOW)
    return np.stack([_bits(low), _bits(turned)], axis=1)


def _bits(low):
    """Which frequencies are above the median, as one number."""
    flat = low.reshape(len(low), _LOW * _LOW)
    above = flat > np.median(flat, axis=1, keepdims=True)
    packed = np.packbits(above, axis=1)
    return np.ascontiguousarray(packed).view(">u8")[:, 0].astype(np.uint64)
