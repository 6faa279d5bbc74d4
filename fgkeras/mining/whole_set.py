"""The features of a whole set, one row for each label."""

import numpy as np


def whole_set(labels, features):
    """Returns features as float32, or says that they do not fit the labels.

    Args:
        labels: Integer array of shape `(num_images,)`.
        features: Array-like of shape `(num_images, dim)`.

    Returns:
        NumPy `float32` array of shape `(num_images, dim)`.

    Raises:
        ValueError: If the shape is another one.

    Example:
    >>> whole_set(np.array([0, 1]), [[1.0], [2.0]]).dtype.name
    'float32'
    """
    features = np.asarray(features, "float32")
    if features.ndim != 2 or len(features) != len(labels):
        raise ValueError(
            "`labels` must be (num_images,) and `features` (num_images, dim). "
            f"Received: shapes ({len(labels)},) and {features.shape}. Labels "
            "come first."
        )
    return features
