"""Endless shuffled queues of the images of each class, without state."""

import numpy as np

from fgkeras.data.whole_numbers import whole_numbers

_GROUP_SHIFT = np.uint64(40)


def _mix(x):
    """SplitMix64's finaliser: a bijection of `uint64` that looks random."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


class ClassQueues:
    """Looks up image number `offset` of shuffle number `cycle` of a class.

    Every `(seed, class, cycle)` has its own permutation of the images of the
    class, found by sorting hashes: no generator is advanced, so any place of
    any queue costs the same, and thousands of classes are done at once.

    Args:
        labels: Integer array of shape `(num_images,)`, not empty, from 0.
        seed: Non-negative integer.

    Attributes:
        classes: The labels that occur, ascending.
        counts: Images of each of `classes`.

    Example:

    >>> queues = ClassQueues([0, 1, 0, 0], seed=0)
    >>> sorted(queues.look_up([0, 0, 0], [5, 5, 5], [0, 1, 2]).tolist())
    [0, 2, 3]
    """

    def __init__(self, labels, seed):
        labels = whole_numbers("labels", labels)
        if labels.ndim != 1 or not labels.size or labels.min() < 0:
            raise ValueError(
                "`labels` must be a non-empty vector of labels from 0. "
                f"Received: shape {labels.shape}"
                f"{f', minimum {labels.min()}' if labels.size else ''}."
            )
        self.classes, self.counts = np.unique(labels, return_counts=True)
        self.images = np.argsort(labels, kind="stable").astype("int64")
        self.starts = np.cumsum(self.counts) - self.counts
        self.key = _mix(np.uint64([seed]) + np.uint64(0x9E3779B97F4A7C15))

    def look_up(self, rows, cycles, offsets):
        """Returns the images at these places of the queues.

        Args:
            rows: Integers, positions in `classes`.
            cycles: Integers of the same shape, number of the shuffle.
            offsets: Integers of the same shape, below the class's count.

        Returns:
            NumPy `int64` array of the same shape, positions in `labels`.
        """
        rows = np.asarray(rows, dtype="int64")
        cycles = np.asarray(cycles, dtype="int64")
        span = cycles.max(initial=0) + 1
        # One group per (class, cycle) that is asked for.
        groups, inverse = np.unique(rows * span + cycles, return_inverse=True)
        row, cycle = groups // span, groups % span
        sizes = self.counts[row]
        firsts = np.cumsum(sizes) - sizes
        group = np.repeat(np.arange(groups.size), sizes)
        within = np.arange(group.size) - firsts[group]
        image = self.images[self.starts[row][group] + within]
        salt = _mix(self.key ^ _mix(cycle.astype("uint64")))
        hashes = _mix(salt[group] ^ _mix(image.astype("uint64")))
        # Groups stay in place; the hash decides the order inside each.
        keys = (group.astype("uint64") << _GROUP_SHIFT) | (
            hashes >> (np.uint64(64) - _GROUP_SHIFT)
        )
        image = image[np.argsort(keys, kind="stable")]
        return image[firsts[inverse.reshape(rows.shape)] + offsets]
