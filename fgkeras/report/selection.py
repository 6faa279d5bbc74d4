"""Which of the evaluated images are shown: drawn by lot, and the worst."""

import numpy as np


def select_images(labels, predicted, confidence, *, count, seed):
    """Draws right and wrong answers by lot and finds the most confident errors.

    Never the best ones: a page of chosen successes says nothing.

    Args:
        labels: int array `(num_images,)`.
        predicted: int array `(num_images,)`.
        confidence: float array `(num_images,)`.
        count: int >= 0, of each kind at most.
        seed: int.

    Returns:
        dict of "right", "wrong" and "worst" with lists of image indices; the
        worst first in its list, the others in the order of the lot.

    Example:

    >>> select_images([0, 1, 1], [0, 0, 0], [0.9, 0.6, 0.8], count=1, seed=0)[
    ...     "worst"]
    [2]
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    generator = np.random.default_rng(seed)
    right = generator.permutation(np.flatnonzero(labels == predicted))
    wrong = np.flatnonzero(labels != predicted)
    worst = wrong[np.argsort(-np.asarray(confidence)[wrong], kind="stable")]
    return {
        "right": right[:count].tolist(),
        "wrong": generator.permutation(wrong)[:count].tolist(),
        "worst": worst[:count].tolist(),
    }


def select_pair(labels, predicted, true, guess, *, seed):
    """Finds a mistake `true -> guess` and an example of either class.

    Args:
        labels: int array `(num_images,)`.
        predicted: int array `(num_images,)`.
        true: int, the class of the mistaken image.
        guess: int, the class that it was taken for.
        seed: int.

    Returns:
        `(example of true, mistake, example of guess)`, image indices or None.
        Examples are images that were recognised, where there are any.

    Example:

    >>> select_pair([0, 0, 1], [0, 1, 1], 0, 1, seed=0)
    (0, 1, 2)
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    generator = np.random.default_rng([seed, true, guess])

    def draw(mask):
        found = np.flatnonzero(mask)
        return int(generator.choice(found)) if len(found) else None

    mistake = draw((labels == true) & (predicted == guess))
    examples = []
    for name in (true, guess):
        inside = labels == name
        example = draw(inside & (predicted == name))
        if example is None:
            others = inside & (np.arange(len(labels)) != mistake)
            example = draw(others)
        examples.append(example)
    return examples[0], mistake, examples[1]
