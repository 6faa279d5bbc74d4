"""The mean direction of each class."""

import numpy as np

from fgkeras.ops.labels import whole_labels


def class_mean_directions(vectors, labels, num_classes):
    """Returns the direction of the mean of each class's unit vectors.

    Use them as the weights of a head: the class of the largest cosine is the
    nearest class mean, a classifier without training, and a start for one.

        m_c = mean of x_i / |x_i| over y_i = c,    w_c = m_c / |m_c|

    Args:
        vectors: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, values in
            `[0, num_classes)`.
        num_classes: Int at least 1.

    Returns:
        NumPy `float64` array of shape `(num_classes, dim)`; zeros where a
        class has no image, or its vectors cancel out.

    Raises:
        ValueError: If shapes do not fit, a label is no class, or a vector is
            not finite.

    Example:
    >>> class_mean_directions([[2, 0], [0, 3], [0, 1]], [0, 1, 1], 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]

    Reference:

    - [Mensink et al., 2013](https://doi.org/10.1109/TPAMI.2013.83).
    """
    vectors = np.asarray(vectors, "float64")
    labels = whole_labels(labels, num_classes)
    if vectors.ndim != 2 or len(vectors) != len(labels):
        raise ValueError(
            "`vectors` must hold one row per label. Received: vectors of "
            f"shape {vectors.shape}, {len(labels)} labels."
        )
    if not np.isfinite(vectors).all():
        raise ValueError(
            "`vectors` must be finite. Received: vectors with "
            f"{int((~np.isfinite(vectors)).sum())} entries that are not."
        )
    sums = np.zeros((num_classes, vectors.shape[1]))
    np.add.at(sums, labels, _unit(vectors))
    return _unit(sums)


def _unit(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 1e-12, lengths, 1.0) * (lengths > 1e-12)
