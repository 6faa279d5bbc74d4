"""Which images of a split to look at, where all would take too long."""

import numpy as np

_OF_A_CLASS = 2


def sample_indices(labels, max_images, *, seed=0):
    """Draws images evenly within all classes.

    Classes give the same number each as far as they can, two at least (all of
    a smaller one): what is measured of some classes only is not about the set,
    and one image says nothing of how alike the images of a class are.

    Args:
        labels: int array `(num_images,)`.
        max_images: int, or 0 for all.
        seed: int.

    Returns:
        Sorted int64 array of positions, at most `max_images`.

    Raises:
        ValueError: if `max_images` is negative, or too few for two images of
            each class; the number needed is named.

    Example:

    >>> labels = np.repeat([0, 1, 2], [100, 4, 100])
    >>> np.bincount(labels[sample_indices(labels, 30)]).tolist()
    [13, 4, 13]
    """
    labels = np.asarray(labels)
    if max_images < 0:
        raise ValueError(
            "max_images must be above 0, or 0 for all. Received: "
            f"max_images={max_images}."
        )
    if not max_images or len(labels) <= max_images:
        return np.arange(len(labels))
    needed = images_needed(labels)
    if max_images < needed:
        raise ValueError(
            "Images are drawn within all classes, two of each at least. "
            f"Received: max_images={max_images} for "
            f"{len(np.unique(labels))} classes, which need {needed}. Set "
            f"max_images to {needed} (--max-images {needed}) or more, or to 0 "
            "for all."
        )
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    # The largest cap on images per class that keeps within the limit.
    caps = np.arange(_OF_A_CLASS, max(counts.max(), _OF_A_CLASS) + 1)
    totals = np.minimum(counts[:, None], caps).sum(axis=0)
    cap = caps[totals <= max_images][-1]
    parts = [
        rng.permutation(np.flatnonzero(labels == c))[:cap] for c in classes
    ]
    return np.sort(np.concatenate(parts))


def images_needed(labels):
    """Returns how many images two of each class are, all of smaller ones.

    Args:
        labels: int array `(num_images,)`.

    Example:

    >>> images_needed([0, 0, 0, 1])
    3
    """
    counts = np.unique(np.asarray(labels), return_counts=True)[1]
    return int(np.minimum(counts, _OF_A_CLASS).sum())
