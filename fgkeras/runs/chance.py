"""A test at chance beside a training that is not: said, not left to see."""

import math

import numpy as np

_FAR = 0.2


def at_chance(labels, logits, training_accuracy):
    """Tells whether the test images are guessed though the training fits.

    Guessed: no more of the n test images are right than chance, one of C
    classes, gives within two standard deviations. Fits: on training images the
    accuracy is more than a fifth of the way from there to 1.

    Args:
        labels: Integer array of shape `(num_images,)`.
        logits: Float array of shape `(num_images, num_classes)`.
        training_accuracy: Float, of the last epoch, or `None`.

    Returns:
        `None`, or a dict ready for JSON of `training`, `test` and `chance`.

    Example:
    >>> found = at_chance(np.arange(100) % 4, np.eye(4)[[0] * 100], 0.9)
    >>> found["test"], at_chance(np.arange(4), np.eye(4), 0.9)
    (0.25, None)
    """
    if training_accuracy is None:
        return None
    count, classes = logits.shape
    test = float(np.mean(np.argmax(logits, axis=1) == labels))
    chance = 1.0 / classes
    limit = chance + 2.0 * math.sqrt(chance * (1.0 - chance) / count)
    if test > limit or training_accuracy < limit + _FAR * (1.0 - limit):
        return None
    return {
        "training": float(training_accuracy),
        "test": test,
        "chance": chance,
    }


def chance_notes(found):
    """Returns what a person is told of `at_chance`, as sentences.

    Example:
    >>> chance_notes(None)
    []
    """
    if not found:
        return []
    return [
        f"The training images are classified at {100 * found['training']:.0f} "
        f"%, the test images at {100 * found['test']:.0f} %, where chance is "
        f"{100 * found['chance']:.0f} %. Look whether both splits have the "
        "same kind of images under the same labels. In a body trained from "
        "scratch, train longer; with few images, start from weights."
    ]
