"""How much more a larger source has to give, all else equal."""

import numpy as np


def domain_scale(num_images, reference):
    """Compares two numbers of images as transfer learning feels them.

    Accuracy after transfer grows with the logarithm of the number of images
    that were pre-trained on, so the factor by which one source is larger than
    another is

        log(num_images) / log(reference)

    The domain similarity leaves it out: it compares sources of like size. Look
    at both where sizes differ by orders of magnitude: 100,000 images have .83
    of the scale of a million.

    Args:
        num_images: Float above 1, or an array of them, images of a source.
        reference: Float above 1, images of the source that it is compared
            with.

    Returns:
        Float, or an array: 1 for sources of one size.

    Raises:
        ValueError: for numbers of 1 and less.

    Example:

    >>> float(round(domain_scale(579_184, 1_281_167), 3))
    0.944

    References:
        Cui, Song, Sun, Howard, Belongie, "Large Scale Fine-Grained
        Categorization and Domain-Specific Transfer Learning", 2018, 4.1;
        chapter 4.3.1 of Cui's thesis. The logarithm is that of Sun,
        Shrivastava, Singh, Gupta, "Revisiting Unreasonable Effectiveness of
        Data in Deep Learning Era", 2017.
    """
    values = np.asarray(num_images, np.float64)
    for name, value in (("num_images", values), ("reference", reference)):
        if not (np.isfinite(value).all() and (np.asarray(value) > 1).all()):
            raise ValueError(
                f"{name} must be above 1, for its logarithm is above 0. "
                f"Received: {name}={value}. Add images."
            )
    found = np.log(values) / np.log(float(reference))
    return found if found.ndim else float(found)
