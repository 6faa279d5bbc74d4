"""Which images of a split to look at, where all would take too long."""

import numpy as np

_MIN_PER_CLASS = 5


def sample_indices(labels, max_images, *, seed=0):
    """Draws images evenly over the classes.

    Classes give the same number each as far as they can. If there are too
    many classes for five images each, classes are drawn too.

    Args:
        labels: int array `(num_images,)`.
        max_images: int >= 10, or 0 for all.
        seed: int.

    Returns:
        Sorted int64 array of positions, at most `max_images`.

    Raises:
        ValueError: if `max_images` is negative or below 10.

    Example:

    >>> labels = np.repeat([0, 1, 2], [100, 4, 100])
    >>> np.bincount(labels[sample_indices(labels, 30)]).tolist()
    [13, 4, 13]
    """
    labels = np.asarray(labels)
    if max_images and max_images < 2 * _MIN_PER_CLASS:
        raise ValueError(
            f"max_images must be at least {2 * _MIN_PER_CLASS}, or 0 for all. "
            f"Received: max_images={max_images}."
        )
    if not max_images or len(labels) <= max_images:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) * _MIN_PER_CLASS > max_images:
        chosen = rng.permutation(len(classes))[: max_images // _MIN_PER_CLASS]
        classes, counts = classes[np.sort(chosen)], counts[np.sort(chosen)]
    # The largest cap on images per class that keeps within the limit.
    caps = np.arange(1, counts.max() + 1)
    totals = np.minimum(counts[:, None], caps).sum(axis=0)
    cap = caps[totals <= max_images][-1]
    parts = [
        rng.permutation(np.flatnonzero(labels == c))[:cap] for c in classes
    ]
    return np.sort(np.concatenate(parts))
