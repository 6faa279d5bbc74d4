"""Which seed images people see of a class, and which are hidden gold."""

import numpy as np

EXEMPLARS = 8
_GOLD = 40


def exemplars_and_gold(images, classes, vectors, *, seed=0):
    """Divides the seed of each class into exemplars and hidden gold.

    No picture is both, since a picture that is pinned beside the candidates
    would tell which of them is known. Of each class at most half, drawn, are
    gold; of the others, exemplars are chosen to differ: the first is the
    nearest to the mean, each next one the farthest from those before.

    Args:
        images: `int64 (num_images,)`, ids.
        classes: `int64 (num_images,)`.
        vectors: Float array `(num_images, dim)`.
        seed: Int. Defaults to `0`.

    Returns:
        Tuple of two dicts of class to a list of ids.

    Example:

    >>> shown, gold = exemplars_and_gold(
    ...     np.arange(4), np.zeros(4, int), np.eye(4))
    >>> len(shown[0]), len(gold[0]), set(shown[0]) & set(gold[0])
    (2, 2, set())
    """
    shown, gold = {}, {}
    vectors = np.asarray(vectors, np.float64)
    for k in np.unique(classes):
        places = np.flatnonzero(classes == k)
        order = np.random.default_rng((seed, int(k))).permutation(places)
        count = min(len(order) // 2, _GOLD)
        gold[int(k)] = [int(i) for i in images[order[:count]]]
        rest = order[count:]
        chosen = _spread(vectors[rest], EXEMPLARS)
        shown[int(k)] = [int(i) for i in images[rest[chosen]]]
    return shown, gold


def rival_classes(classes, vectors, num_classes):
    """Returns the class that is nearest to each, by the means of both.

    Args:
        classes: `int64 (num_images,)`.
        vectors: Float array `(num_images, dim)`.
        num_classes: Int.

    Returns:
        Dict of class to class; one without images has none.

    Example:

    >>> rival_classes(np.array([0, 1, 2]), [[1, 0], [0.9, 0.1], [0, 1]], 3)
    {0: 1, 1: 0, 2: 1}
    """
    vectors = np.asarray(vectors, np.float64)
    known = [k for k in range(num_classes) if (classes == k).any()]
    if len(known) < 2:
        return {}
    means = np.stack([vectors[classes == k].mean(axis=0) for k in known])
    gaps = np.square(means[:, None] - means).sum(axis=2)
    np.fill_diagonal(gaps, np.inf)
    return {
        k: known[int(j)] for k, j in zip(known, gaps.argmin(1), strict=True)
    }


def _spread(vectors, count):
    """Places of some rows that differ, the most central first."""
    gaps = np.square(vectors - vectors.mean(axis=0)).sum(axis=1)
    chosen = [int(gaps.argmin())]
    far = np.square(vectors - vectors[chosen[0]]).sum(axis=1)
    while len(chosen) < min(count, len(vectors)):
        chosen.append(int(far.argmax()))
        step = np.square(vectors - vectors[chosen[-1]]).sum(axis=1)
        far = np.minimum(far, step)
    return chosen
