"""Nuisance factors: images made worse in one way, by a known amount."""

import numpy as np


def gaussian_noise(images, deviation, *, seed=0):
    """Adds noise of mean zero to each value.

        pixel + deviation * N(0, 1), rounded and cut to 0..255

    Args:
        images: uint8 `(num_images, height, width, channels)`.
        deviation: Float >= 0, in pixel values (0..255).
        seed: Int or `numpy.random.Generator`.

    Returns:
        uint8 array of the same shape.

    Raises:
        ValueError: if the images are no such array or `deviation` is below 0.

    Example:

    >>> gray = np.full((1, 64, 64, 3), 128, "uint8")
    >>> round(float(gaussian_noise(gray, 20.0).std()))
    20
    """
    images = _checked(images)
    if not deviation >= 0:
        raise ValueError(
            "`deviation` must be at least 0, in pixel values. Received: "
            f"deviation={deviation}."
        )
    generator = np.random.default_rng(seed)
    out = np.empty_like(images)
    for image, target in zip(images, out, strict=True):
        noise = generator.standard_normal(image.shape, dtype="float32")
        values = np.rint(image + np.float32(deviation) * noise)
        target[:] = np.clip(values, 0, 255)
    return out


def salt_and_pepper(images, share, *, seed=0):
    """Turns a share of the pixels white or black, half each.

    Args:
        images: uint8 `(num_images, height, width, channels)`.
        share: Float in 0..1, how many of the pixels; all channels of a pixel
            turn together.
        seed: Int or `numpy.random.Generator`.

    Returns:
        uint8 array of the same shape.

    Raises:
        ValueError: if the images are no such array or `share` is out of range.

    Example:

    >>> gray = np.full((1, 64, 64, 3), 128, "uint8")
    >>> noisy = salt_and_pepper(gray, 0.1)
    >>> np.unique(noisy).tolist()
    [0, 128, 255]
    """
    images = _checked(images)
    if not 0 <= share <= 1:
        raise ValueError(
            f"`share` must lie between 0 and 1. Received: share={share}."
        )
    generator = np.random.default_rng(seed)
    out = images.copy()
    for target in out:
        drawn = generator.random(target.shape[:2])
        target[drawn < share / 2] = 0
        target[(drawn >= share / 2) & (drawn < share)] = 255
    return out


def low_resolution(images, size):
    """Reduces images to `size` pixels and enlarges them again.

    Reduced by averages over areas, enlarged bilinearly: what is lost is lost,
    and the network still gets the size that it takes.

    Args:
        images: uint8 `(num_images, height, width, channels)`.
        size: Int >= 1, the shorter side in between, in pixels; images that
            are not larger stay as they are.

    Returns:
        uint8 array of the same shape.

    Raises:
        ValueError: if the images are no such array or `size` is below 1.

    Example:

    >>> stripes = np.zeros((1, 8, 8, 3), "uint8")
    >>> stripes[:, :, ::2] = 200
    >>> np.unique(low_resolution(stripes, 4)).tolist()
    [100]
    """
    from PIL import Image

    images = _checked(images)
    if size < 1:
        raise ValueError(
            f"`size` must be at least 1 pixel. Received: size={size}."
        )
    height, width = images.shape[1:3]
    if size >= min(height, width):
        return images.copy()
    scale = size / min(height, width)
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    out = np.empty_like(images)
    for image, target in zip(images, out, strict=True):
        for channel in range(image.shape[-1]):
            picture = Image.fromarray(np.ascontiguousarray(image[..., channel]))
            picture = picture.resize(small, Image.Resampling.BOX)
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
            target[..., channel] = np.asarray(picture)
    return out


def _checked(images):
    images = np.asarray(images)
    if images.ndim != 4 or images.dtype != np.uint8:
        raise ValueError(
            "`images` must be uint8 of shape (num_images, height, width, "
            f"channels). Received: shape={images.shape}, "
            f"dtype={images.dtype}."
        )
    return images
