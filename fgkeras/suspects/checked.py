"""What every score of this package has in common."""

import numpy as np

# Scores are in units of a limit: from here on an image is a suspect.
PAST_LIMIT = 1.0


def unit_rows(features):
    """Returns features as float32 rows of length 1.

    Args:
        features: Float array of shape `(num_images, dim)`, finite. A row of
            zeros stays one.

    Raises:
        ValueError: For another shape, NaN or infinity.

    Example:

    >>> unit_rows([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    features = np.asarray(features)
    if (
        features.ndim != 2
        or not features.size
        or features.dtype.kind not in "fiu"
        or not np.isfinite(features).all()
    ):
        raise ValueError(
            "features must be a finite matrix of one row per image. Received: "
            f"features.shape={features.shape}, dtype={features.dtype}. Look "
            "for NaN or overflow in them."
        )
    features = features.astype(np.float32)
    # By the largest first: squares of large numbers overflow.
    largest = np.abs(features).max(axis=1, keepdims=True)
    features = features / np.where(largest > 0, largest, 1)
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.where(length > 0, length, 1)


def class_ids(labels, num_images):
    """Returns labels as numbers from 0 on, and how many classes there are.

    Args:
        labels: Integer array of shape `(num_images,)`, at least 0.
        num_images: Int, how many there must be.

    Raises:
        ValueError: For another shape or kind, and below 0.

    Example:

    >>> ids, count = class_ids([7, 3, 7], 3)
    >>> ids.tolist(), count
    ([1, 0, 1], 2)
    """
    labels = np.asarray(labels)
    if labels.shape != (num_images,) or labels.dtype.kind not in "iu":
        raise ValueError(
            "labels must be one whole number per image. Received: "
            f"labels.shape={labels.shape}, dtype={labels.dtype} for "
            f"{num_images} images."
        )
    if labels.min() < 0:
        raise ValueError(
            f"labels must not be negative. Received: {labels.min()}. Leave "
            "out images without a label."
        )
    names, ids = np.unique(labels, return_inverse=True)
    return ids, len(names)


def standard_units(values):
    """Returns how many usual deviations each value lies above the median.

    The deviation is 1.4826 times the median distance from the median, which
    the few that are wrong do not move; the standard deviation where more than
    half of the values are equal, 0 where all are.

    Args:
        values: Float array of shape `(num_images,)`; NaN stays NaN.

    Returns:
        `float64` array of that shape.

    Example:

    >>> standard_units([0.0, 1.0, 2.0, 3.0, 90.0]).round(2).tolist()
    [-1.35, -0.67, 0.0, 0.67, 59.36]
    """
    values = np.asarray(values, np.float64)
    known = values[~np.isnan(values)]
    if not known.size:
        return values
    middle = np.median(known)
    width = 1.4826 * np.median(np.abs(known - middle)) or known.std()
    return (values - middle) / (width or 1.0)
