"""Do the probabilities mean what they say: reliability and its error."""

import numpy as np

from fgkeras.evaluation.scored import score_images


def reliability_table(correct, confidence, *, num_bins=15):
    """Accuracy against confidence in bins of equal width.

    Bin b holds the confidences in `(b / num_bins, (b + 1) / num_bins]`.

    Args:
        correct: Boolean array of shape `(num_images,)`, whether the answer was
            right.
        confidence: Float array of shape `(num_images,)`, values in [0, 1], the
            probability that the model gave to its answer.
        num_bins: Int at least 1. Defaults to `15`.

    Returns:
        List of `num_bins` dicts: `lower`, `upper`, `n` and, `None` for an empty
        bin, `confidence` and `accuracy` (means over the bin).

    Raises:
        ValueError: for confidences outside 0..1, answers that are neither
            right nor wrong, or shapes that differ.

    Example:

    >>> reliability_table([True, False], [0.75, 1.0], num_bins=2)[1]
    {'lower': 0.5, 'upper': 1.0, 'n': 2, 'confidence': 0.875, 'accuracy': 0.5}
    """
    confidence = np.asarray(confidence, np.float64)
    correct = np.asarray(correct, np.float64)
    if num_bins < 1 or correct.shape != confidence.shape:
        raise ValueError(
            "confidence and correct must have one value per image and num_bins "
            "must be at least 1. Received: "
            f"confidence.shape={confidence.shape}, "
            f"correct.shape={correct.shape}, num_bins={num_bins}. Usual are "
            "15 bins."
        )
    if not np.isin(correct, (0, 1)).all():
        wrong = correct[~np.isin(correct, (0, 1))][0]
        raise ValueError(
            "correct must be true or false for each image. Received: "
            f"correct with {wrong}. It comes first, confidence second."
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError(
            "confidence must lie in 0..1. Received: "
            f"confidence from {confidence.min()} to {confidence.max()}. Give "
            "softmax probabilities, not logits."
        )
    edges = np.linspace(0, 1, num_bins + 1)
    which = np.clip(np.searchsorted(edges, confidence) - 1, 0, None)
    count = np.bincount(which, minlength=num_bins)
    trust = np.bincount(which, weights=confidence, minlength=num_bins)
    right = np.bincount(which, weights=correct, minlength=num_bins)
    return [
        {
            "lower": float(edges[index]),
            "upper": float(edges[index + 1]),
            "n": int(number),
            "confidence": float(trust[index] / number) if number else None,
            "accuracy": float(right[index] / number) if number else None,
        }
        for index, number in enumerate(count)
    ]


def expected_calibration_error(correct, confidence, *, num_bins=15):
    """Mean gap between confidence and accuracy, weighted by the bins' sizes.

        ECE = sum_b n_b / n |accuracy_b - confidence_b|

    Args:
        correct: Boolean array of shape `(num_images,)`.
        confidence: Float array of shape `(num_images,)`, values in [0, 1].
        num_bins: Int at least 1. Defaults to `15`.

    Returns:
        Float in [0, 1]. NaN without images.

    Example:

    >>> round(expected_calibration_error([True, False], [0.9, 0.8]), 3)
    0.45

    Reference:
        Guo et al., "On Calibration of Modern Neural Networks", ICML 2017,
        eq. 3 (15 bins).
    """
    bins = reliability_table(correct, confidence, num_bins=num_bins)
    number = sum(row["n"] for row in bins)
    if not number:
        return float("nan")
    return sum(
        row["n"] / number * abs(row["accuracy"] - row["confidence"])
        for row in bins
        if row["n"]
    )


def fit_temperature(labels, logits, *, activation="softmax"):
    """Returns the temperature that the logits are to be divided by.

    Use it on images that the model was neither trained on nor chosen by: on
    those it is too sure of itself. The largest logit stays the largest.

        T = argmin sum_i -log p(y_i | z_i / T)

    with `p` a softmax, or the product of one sigmoid per class. In `1 / T` the
    sum is convex; its minimum is sought between 0.01 and 100.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`, finite.
        activation: `"softmax"` or `"sigmoid"`. Defaults to `"softmax"`.

    Returns:
        Float.

    Raises:
        ValueError: If there is no image, or labels and logits do not fit.

    Example:

    >>> logits = np.log([[0.9, 0.1]] * 10)
    >>> labels = [0] * 7 + [1] * 3
    >>> round(fit_temperature(labels, logits), 2)
    2.59

    Reference:
        Guo et al., "On Calibration of Modern Neural Networks", ICML 2017,
        section 4.2.
    """
    if not len(labels):
        raise ValueError(
            "A temperature is fitted to images. Received: labels of length 0. "
            "Hold images back (data.calibration_share)."
        )
    logits = np.asarray(logits, np.float64)

    def loss(log_temperature):
        scaled = logits / np.exp(log_temperature)
        return score_images(labels, scaled, activation=activation).nll.mean()

    # Golden section: of one valley in log T.
    low, high = np.log(0.01), np.log(100.0)
    share = (5**0.5 - 1) / 2
    inner = [high - share * (high - low), low + share * (high - low)]
    values = [loss(x) for x in inner]
    while high - low > 1e-6:
        if values[0] <= values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - share * (high - low)
            values[0] = loss(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + share * (high - low)
            values[1] = loss(inner[1])
    return float(np.exp((low + high) / 2))
