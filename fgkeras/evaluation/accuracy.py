"""Accuracy and F1: within k answers, per class, and over classes."""

import numpy as np

from fgkeras.evaluation.scored import check_labels
from fgkeras.evaluation.scored import score_images


def top_k_accuracy(labels, logits, k=1):
    """Share of the images whose class is among the k largest logits.

        accuracy = mean_i [ #{j != y_i : z_ij >= z_i,y_i} < k ]

    Ties count as wrong (see `score_images`).

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`.
        k: Int at least 1. With k >= num_classes the answer is 1 by definition.
            Defaults to `1`.

    Returns:
        Float in [0, 1].

    Raises:
        ValueError: for k < 1 and what `score_images` refuses.

    Example:

    >>> top_k_accuracy([0, 1], [[2.0, 1.0, 0.0], [3.0, 2.0, 1.0]], k=1)
    0.5
    """
    if k < 1:
        raise ValueError(
            f"k must be at least 1. Received: k={k}. Use k=1 for plain "
            "accuracy."
        )
    return float((score_images(labels, logits).rank < k).mean())


def per_class_accuracy(labels, correct, num_classes):
    """Accuracy of each class and the number of images that it rests on.

    Args:
        labels: Integer array of shape `(num_images,)`.
        correct: Array of shape `(num_images,)`, booleans or values in [0, 1].
        num_classes: Int.

    Returns:
        `(accuracy, count)`, float64 and int64 of shape `(num_classes,)`.
        Accuracy is NaN for a class without images.

    Raises:
        ValueError: for labels that do not fit `correct` or `num_classes`.

    Example:

    >>> accuracy, count = per_class_accuracy([0, 0, 2], [True, False, True], 3)
    >>> accuracy.tolist(), count.tolist()
    ([0.5, nan, 1.0], [2, 0, 1])
    """
    correct = np.asarray(correct, np.float64)
    labels = check_labels(labels, len(correct), num_classes)
    count = np.bincount(labels, minlength=num_classes)
    total = np.bincount(labels, weights=correct, minlength=num_classes)
    accuracy = np.full(num_classes, np.nan)
    np.divide(total, count, out=accuracy, where=count > 0)
    return accuracy, count


def mean_per_class_accuracy(labels, correct, num_classes):
    """Mean of the classes' accuracies: every class weighs the same.

    Use it where classes have different numbers of test images. Classes without
    images are left out.

    Args:
        labels: Integer array of shape `(num_images,)`.
        correct: Array of shape `(num_images,)`, booleans or values in [0, 1].
        num_classes: Int.

    Returns:
        Float in [0, 1]; NaN without any image.

    Example:

    >>> mean_per_class_accuracy([0, 0, 0, 1], [True, True, True, False], 2)
    0.5
    """
    accuracy, count = per_class_accuracy(labels, correct, num_classes)
    return float(accuracy[count > 0].mean()) if count.any() else float("nan")


def macro_f1(labels, predicted, num_classes):
    """Mean over the classes of F1, which counts what a class is taken for too.

        F1_c = 2 TP_c / (2 TP_c + FP_c + FN_c)

    Use it beside the class mean accuracy, which does not see that a rare class
    is answered too often. Classes without test images are left out of the
    mean; answers that name them are mistakes of the others.

    Args:
        labels: Integer array of shape `(num_images,)`.
        predicted: Integer array of shape `(num_images,)`, the answers.
        num_classes: Int.

    Returns:
        Float in [0, 1]; NaN without any image.

    Raises:
        ValueError: for labels or answers outside the classes.

    Example:

    >>> round(macro_f1([0, 0, 0, 1], [0, 0, 1, 1], 2), 4)
    0.7333
    """
    predicted = np.asarray(predicted)
    labels = check_labels(labels, len(predicted), num_classes)
    predicted = check_labels(predicted, len(labels), num_classes)
    right = np.bincount(labels[labels == predicted], minlength=num_classes)
    count = np.bincount(labels, minlength=num_classes)
    answered = np.bincount(predicted, minlength=num_classes)
    there = count > 0
    if not there.any():
        return float("nan")
    # 2 TP + FP + FN is the images of a class and the answers that name it.
    return float((2 * right[there] / (count + answered)[there]).mean())
