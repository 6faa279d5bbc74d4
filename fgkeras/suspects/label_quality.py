"""How far predicted probabilities stand behind the given labels."""

import numpy as np


def self_confidence(labels, probabilities):
    """Returns the probability of the given label.

        q_i = p_i(own)

    Use it to order images of which something else says that the label is
    wrong: the lowest first.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself.

    Returns:
        `float64` array of shape `(num_images,)`, from 0 to 1.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> self_confidence([0, 1], [[0.75, 0.25], [0.5, 0.5]]).tolist()
    [0.75, 0.5]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    return probabilities[np.arange(len(labels)), labels]


def normalized_margin(labels, probabilities):
    """Returns how far the given label leads, brought to 0 to 1.

        q_i = (p_i(own) - max_{c != own} p_i(c) + 1) / 2

    Below 1/2 the model prefers another class. Unlike the self-confidence, it
    tells doubt between many classes from certainty of another one.

    Args:
        labels: Integer array of shape `(num_images,)`.
        probabilities: Float array of shape `(num_images, num_classes)`, told
            by a model that was not trained on the image itself.

    Returns:
        `float64` array of shape `(num_images,)`, from 0 to 1.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> normalized_margin([0, 1], [[0.75, 0.25], [1.0, 0.0]]).tolist()
    [0.75, 0.0]

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021.
    """
    labels, probabilities = checked_probabilities(labels, probabilities)
    return (probabilities_lead(labels, probabilities) + 1) / 2


def probabilities_lead(labels, values):
    """Returns the value of the own class less the largest of the others."""
    own = np.arange(values.shape[1]) == labels[:, None]
    others = np.where(own, -np.inf, values).max(axis=1)
    return values[own] - others


def checked_probabilities(labels, probabilities):
    """Returns both as `int64` and `float64`, or says what does not fit."""
    probabilities = np.asarray(probabilities)
    if (
        probabilities.ndim != 2
        or probabilities.dtype.kind != "f"
        or len(probabilities) == 0
        or probabilities.shape[1] < 2
    ):
        raise ValueError(
            "probabilities must be one row of floats per image, for two "
            f"classes or more. Received: shape={probabilities.shape}, "
            f"dtype={probabilities.dtype}."
        )
    probabilities = probabilities.astype(np.float64)
    # Comparisons with NaN are false.
    valid = (probabilities >= -1e-6) & (probabilities <= 1 + 1e-6)
    valid &= np.abs(probabilities.sum(axis=1, keepdims=True) - 1) < 1e-3
    if not valid.all():
        row = int(np.flatnonzero(~valid.all(axis=1))[0])
        raise ValueError(
            "probabilities must lie from 0 to 1 and sum to 1 in each row. "
            f"Received: row {row} from {probabilities[row].min()} to "
            f"{probabilities[row].max()}, its sum {probabilities[row].sum()}. "
            "Take the softmax of logits; leave out rows of NaN."
        )
    labels = np.asarray(labels)
    if labels.shape != (len(probabilities),) or labels.dtype.kind not in "iu":
        raise ValueError(
            "labels must be one whole number per image. Received: "
            f"labels.shape={labels.shape}, dtype={labels.dtype} for "
            f"{len(probabilities)} images."
        )
    labels = labels.astype(np.int64)
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            "labels must be columns of probabilities. Received: "
            f"{labels.min()} to {labels.max()} for {probabilities.shape[1]} "
            "columns."
        )
    return labels, probabilities
