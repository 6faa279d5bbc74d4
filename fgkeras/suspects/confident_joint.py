"""How many images of each given label belong to each class, by confidence."""

import numpy as np

from fgkeras.suspects.label_quality import checked_probabilities

# Probabilities that differ by no more count as equal.
_EQUAL = 1e-6


def class_thresholds(labels, probabilities):
    """Returns how confident a model is of each class where that is the label.

        t_c = mean of p_i(c) over the images i whose label is c

    An image counts as confidently of class `c` from `t_c` on, so that a class
    of which the model is never sure has a lower bar.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself.

    Returns:
        `float64` array of shape `(num_classes,)`, 2e-6 at least; 2 where no
        image has the label, which no probability reaches.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> class_thresholds([0, 0, 1], [[0.5, 0.5], [1.0, 0.0], [0.2, 0.8]])
    array([0.75, 0.8 ])

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, equation 2.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    own = probabilities[np.arange(len(labels)), labels]
    sums = np.bincount(labels, own, minlength=len(counts))
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 2.0)
    return np.maximum(means, 2 * _EQUAL)


def confident_classes(labels, probabilities):
    """Returns the class that each image is confidently of, -1 for none.

    The one class whose threshold is reached; the likeliest of all where more
    than one is.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself.

    Returns:
        `int64` array of shape `(num_images,)`.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> p = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.9, 0.1]]
    >>> confident_classes([0, 0, 1, 1, 1], p).tolist()
    [0, -1, 1, 1, 0]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, equation 1, which takes the likeliest
        among the reached; cleanlab 2.9.0 takes it among all, as here.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    thresholds = class_thresholds(labels, probabilities)
    reached = probabilities >= thresholds - _EQUAL
    count = reached.sum(axis=1)
    only = np.where(count == 1, reached.argmax(axis=1), -1)
    return np.where(count > 1, probabilities.argmax(axis=1), only)


def confident_joint(labels, probabilities):
    """Estimates how many images there are of each label and true class.

        C_ij = images of label i that are confidently of class j, C_ii >= 1
        Q_ij = n_i C_ij / sum_j C_ij,   n_i images of label i

    in whole numbers: rounded, then moved by one where the rest is largest until
    each row sums to `n_i`. The share off the diagonal estimates the noise of
    the labels, and its large entries are pairs of classes that whoever labelled
    mistook for each other.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself.

    Returns:
        `int64` array of shape `(num_classes, num_classes)`: rows are labels,
        columns classes.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> p = [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.9, 0.1]]
    >>> confident_joint([0, 0, 1, 1, 1], p).tolist()
    [[2, 0], [1, 2]]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, equations 1 to 3.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    guesses = confident_classes(labels, probabilities)
    num_classes = probabilities.shape[1]
    joint = np.zeros((num_classes, num_classes))
    sure = guesses >= 0
    np.add.at(joint, (labels[sure], guesses[sure]), 1)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    counts = np.bincount(labels, minlength=num_classes)
    shares = joint / joint.sum(axis=1, keepdims=True)
    scaled = shares * counts[:, None]
    scaled = scaled / scaled.sum() * len(labels)
    return np.stack([_whole(row) for row in scaled])


def _whole(values):
    """Rounds, and keeps the sum: the largest rests change, by one each."""
    rounded = np.round(values)
    missing = int(np.round(values.sum()) - rounded.sum())
    order = np.argsort(values - rounded, kind="stable")
    if missing > 0:
        rounded[order[-missing:]] += 1
    elif missing < 0:
        rounded[order[:-missing]] -= 1
    return rounded.astype(np.int64)
