"""The distance of two sets image by image, without class means."""

import numpy as np

from fgkeras.transfer.ground_distances import ground_distances
from fgkeras.transfer.transport import transport

_MAX_PAIRS = 100_000_000


def sample_distance(source_features, target_features):
    """Earth mover's distance between all images of two sets.

    Unlike `domain_distance` it needs no labels and sees the spread inside
    classes; it is never smaller than `domain_distance` of the same images
    (moving images also moves the class means). Time and memory grow with the
    number of pairs of images, so it is for some thousands of images.

    Args:
        source_features: Float array of shape `(m, dim)`.
        target_features: Float array of shape `(n, dim)`.

    Returns:
        Float, in the unit of the features.

    Raises:
        ValueError: for other shapes, or more than 100 million pairs.

    Example:

    >>> sample_distance([[0.0], [1.0]], [[5.0], [6.0]])
    5.0
    """
    m, n = len(source_features), len(target_features)
    if m * n > _MAX_PAIRS:
        raise ValueError(
            f"At most {_MAX_PAIRS} pairs of images are compared. Received: "
            f"{m} and {n} images. Draw a sample of each, or use "
            "domain_distance."
        )
    return transport(
        ground_distances(source_features, target_features),
        np.ones(m),
        np.ones(n),
    ).cost
