"""Chooses among adjustments of logits by images that nothing was trained on."""

import numpy as np

from fgkeras.evaluation.accuracy import mean_per_class_accuracy
from fgkeras.evaluation.scored import score_images


def best_adjustment(labels, logits, candidates):
    """Returns which adjustment makes the class mean accuracy largest.

    Use it on validation images, never on those that are tested. Of equals the
    first wins, so put what changes least in front: the choice is the same each
    time and needs no seed.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`, not adjusted.
        candidates: Sequence of pairs `(scale, offset)`, as
            `logit_adjustment` gives them.

    Returns:
        Tuple of the place of the best candidate and a list of the class mean
        accuracy of each, over the classes that have an image.

    Raises:
        ValueError: If there is no candidate, and as `score_images`.

    Example:

    >>> logits = [[3.0, 2.0], [3.0, 2.5], [4.0, 0.0]]
    >>> same, more = ([1, 1], [0, 0]), ([1, 1], [0, 0.75])
    >>> best_adjustment([0, 1, 0], logits, [same, more])
    (1, [0.5, 1.0])
    """
    if not len(candidates):
        raise ValueError(
            "candidates must be at least one. Received: candidates=[]. Put "
            "the pair of ones and zeros in, which changes nothing."
        )
    logits = np.asarray(logits, np.float64)
    found = []
    for scale, offset in candidates:
        scored = score_images(labels, logits * scale + np.asarray(offset))
        found.append(
            mean_per_class_accuracy(
                scored.labels, scored.correct, scored.num_classes
            )
        )
    return int(np.argmax(found)), found
