"""Which class is taken for which: the pairs that cost most."""

import numpy as np

from fgkeras.evaluation.scored import check_labels


def confused_pairs(labels, predicted, *, num_classes, top=20, confidence=None):
    """The most frequent mistakes, as directed pairs of classes.

    Counts only pairs that occur, so memory grows with the number of mistakes,
    not with the square of the number of classes.

    Args:
        labels: Integer array of shape `(num_images,)`.
        predicted: Integer array of shape `(num_images,)`.
        num_classes: Int.
        top: Int at least 0, the number of pairs to return at most. Defaults to
            `20`.
        confidence: `None`, or float array of shape `(num_images,)`, how sure
            each answer is: of pairs as frequent as each other those come first
            whose mistakes are surer on average. Defaults to `None`.

    Returns:
        List of dicts, most frequent first (then by rate, then by confidence,
        then by class):
        `true` and `predicted` (class indices), `count` (images of `true`
        called `predicted`), `n` (images of `true`), `rate` (count / n) and
        `reverse_count` (images of `predicted` called `true`).

    Raises:
        ValueError: for classes out of range or shapes that differ.

    Example:

    >>> confused_pairs([0, 0, 1, 1], [1, 1, 1, 0], num_classes=2, top=1)[0]
    {'true': 0, 'predicted': 1, 'count': 2, 'n': 2, 'rate': 1.0, \
'reverse_count': 1}
    """
    predicted = np.asarray(predicted)
    labels = check_labels(labels, len(predicted), num_classes)
    predicted = check_labels(predicted, len(predicted), num_classes)
    if top < 0:
        raise ValueError(
            f"top must be at least 0. Received: top={top}. Use "
            "top=num_classes**2 for all pairs."
        )
    number = np.bincount(labels, minlength=num_classes)
    wrong = labels != predicted
    keys, place, counts = np.unique(
        labels[wrong] * num_classes + predicted[wrong],
        return_inverse=True,
        return_counts=True,
    )
    sure = np.zeros(len(keys))
    if confidence is not None:
        of_wrong = np.asarray(confidence, np.float64)[wrong]
        sure = np.bincount(place, of_wrong, len(keys)) / np.maximum(counts, 1)
    true, guess = np.divmod(keys, num_classes)
    rates = counts / number[true]
    order = np.lexsort((keys, -sure, -rates, -counts))[:top]
    found = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    return [
        {
            "true": int(true[index]),
            "predicted": int(guess[index]),
            "count": int(counts[index]),
            "n": int(number[true[index]]),
            "rate": float(rates[index]),
            "reverse_count": found.get(
                int(guess[index]) * num_classes + int(true[index]), 0
            ),
        }
        for index in order
    ]
