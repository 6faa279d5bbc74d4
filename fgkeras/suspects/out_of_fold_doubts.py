"""Which labels are doubtful to classifiers that were fitted to other images."""

import numpy as np

from fgkeras.suspects.checked import class_ids
from fgkeras.suspects.checked import standard_units
from fgkeras.suspects.checked import unit_rows
from fgkeras.suspects.label_doubts import LabelDoubts
from fgkeras.suspects.label_quality import checked_probabilities

# In usual deviations of the set.
_LIMIT = 3.0
_LEAST = 1e-12


def out_of_fold_doubts(features, labels, probabilities):
    """Scores how much likelier another class is than the label.

        score = z(max_{c != own} log p(c) - log p(own)) / 3

    with `z` the distance from the median in usual deviations of the set. The
    logarithm tells a label that is impossible from one that is the second of
    two. It misses fewer labels of a random class than the difference of the
    probabilities does, and fewer mistaken ones than the self-confidence
    (`experiments/suspects`). Use it beside `label_doubts`.

    Args:
        features: Float array of shape `(num_images, dim)`, finite; they tell
            the nearest image of the likelier class.
        labels: Integer array of shape `(num_images,)`, at least 0.
        probabilities: Float array of shape `(num_images, num_classes)` as
            `out_of_fold_probabilities` returns them; rows of NaN are not
            judged.

    Returns:
        `LabelDoubts`.

    Raises:
        ValueError: For arrays that do not fit.

    Example:

    >>> from fgkeras.suspects import out_of_fold_probabilities
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([0, 1], 50)
    >>> x = rng.normal(size=(100, 8)) + 3 * np.eye(8)[labels]
    >>> labels[7] = 1
    >>> p = out_of_fold_probabilities(x, labels)
    >>> found = out_of_fold_doubts(x, labels, p)
    >>> int(found.scores.argmax()), int(labels[found.nearest[7]])
    (7, 0)

    Reference:
        Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty
        in Dataset Labels", JAIR 2021, rank by the normalized margin; this is
        the margin of the log-probabilities.
    """
    x = unit_rows(features)
    class_ids(labels, len(x))
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    if probabilities.ndim != 2 or len(probabilities) != len(x):
        raise ValueError(
            "probabilities must be one row per image. Received: "
            f"shape={probabilities.shape} for {len(x)} images."
        )
    scores = np.full(len(x), np.nan)
    nearest = np.full(len(x), -1, np.int64)
    known = np.flatnonzero(~np.isnan(probabilities).all(axis=1))
    if not len(known):
        return LabelDoubts(scores, nearest)
    own, told = checked_probabilities(labels[known], probabilities[known])
    logs = np.log(np.maximum(told, _LEAST))
    at = np.arange(len(known))
    held = logs[at, own].copy()
    logs[at, own] = -np.inf
    likelier = logs.argmax(axis=1)
    scores[known] = standard_units(logs[at, likelier] - held) / _LIMIT
    for c in np.unique(likelier):
        (members,) = np.nonzero(labels == c)
        if len(members):
            rows = known[likelier == c]
            nearest[rows] = members[(x[rows] @ x[members].T).argmax(axis=1)]
    return LabelDoubts(scores, nearest)
