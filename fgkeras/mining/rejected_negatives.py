"""Negatives among the images that people rejected from a class."""

import numpy as np

from fgkeras.mining.nearest_positives import BLOCK
from fgkeras.mining.violating_negatives import MARGIN
from fgkeras.mining.whole_set import whole_set
from fgkeras.ops.labels import whole_labels


def rejected_negatives(
    labels,
    features,
    anchors,
    positives,
    *,
    rejected_features=None,
    rejected_labels=None,
    margin=0.2,
    block=4096,
    rng=0,
):
    """Draws for every pair an image that people rejected from its class.

    Of the images that were rejected from the anchor's class one that violates
    the margin, each as likely as the others:

        |a - r|^2 < |a - p|^2 + margin

    Args:
        labels: Integer array of shape `(num_images,)`.
        features: Float array of shape `(num_images, dim)`.
        anchors: Integer array of image numbers, shape `(n,)`.
        positives: Integer array of the same shape.
        rejected_features: `None`, or float array `(num_rejected, dim)`.
        rejected_labels: `None`, or integer array `(num_rejected,)`: the class
            that each rejected image does not belong to.
        margin: Float, in squared distance; infinite takes any image that was
            rejected from the class. Defaults to `0.2`.
        block: Int at least 1; at most `block^2` distances are held at once.
            Defaults to `4096`.
        rng: NumPy generator, or its seed. Defaults to `0`.

    Returns:
        `int64` array of shape `(n,)`, numbers from `num_images` on; `-1` where
        none of the class was rejected, or none violates.

    Raises:
        ValueError: If `margin` or `block` is out of range, a label is no whole
            number of at least 0, or rejected features and labels do not fit.

    Example:
    >>> features = np.array([[0.0], [1.0], [5.0]])
    >>> rejected_negatives(
    ...     [0, 0, 1], features, [0, 1], [1, 0],
    ...     rejected_features=np.array([[9.0], [1.5]]), rejected_labels=[0, 0],
    ...     margin=0.3,
    ... ).tolist()
    [-1, 4]

    Reference:

    - Cui, 2019, Learning from Fine-Grained and Long-Tailed Visual Data,
      section 2.4.3.
    """
    rng = np.random.default_rng(rng)
    margin = MARGIN.checked("margin", margin)
    block = BLOCK.checked("block", block)
    labels = whole_labels(labels)
    features = whole_set(labels, features)
    anchors = np.asarray(anchors, "int64")
    positives = np.asarray(positives, "int64")
    by_class = _by_class(rejected_features, rejected_labels, features)
    out = np.full(len(anchors), -1, "int64")
    for label, numbers in by_class.items():
        rows = np.flatnonzero(labels[anchors] == label)
        if np.isposinf(margin):
            # The draws of earlier versions, whose runs go on by them.
            out[rows] = len(labels) + rng.choice(numbers, len(rows))
            continue
        x = np.asarray(rejected_features, "float32")[numbers]
        norms = np.square(x).sum(axis=1)
        lots = rng.random(len(rows))
        step = max(block * block // len(numbers), 1)
        for i in range(0, len(rows), step):
            part = rows[i : i + step]
            a, p = features[anchors[part]], features[positives[part]]
            limits = np.square(a - p).sum(axis=1) + margin
            squared = np.square(a).sum(axis=1)[:, None] + norms
            violates = squared - 2.0 * (a @ x.T) < limits[:, None]
            seen = np.cumsum(violates, axis=1)
            nth = (lots[i : i + step] * seen[:, -1]).astype("int64") + 1
            found = numbers[(seen == nth[:, None]).argmax(axis=1)]
            out[part] = np.where(seen[:, -1] > 0, len(labels) + found, -1)
    return out


def _by_class(features, labels, like):
    """Returns a dict of class to numbers of its rejected images."""
    if features is None and labels is None:
        return {}
    shape = None if features is None else np.shape(features)
    length = None if labels is None else len(labels)
    if shape != (length, like.shape[1]):
        raise ValueError(
            "`rejected_features` and `rejected_labels` must have one row per "
            f"rejected image. Received: shapes {shape} and ({length},), "
            f"features of {like.shape[1]} dimensions."
        )
    labels = whole_labels(labels)
    return {c: np.flatnonzero(labels == c) for c in np.unique(labels)}
