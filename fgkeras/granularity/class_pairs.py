"""The granularity of every pair of classes, and the classes it singles out."""

import dataclasses

import numpy as np

from fgkeras.granularity.medoids import checked
from fgkeras.granularity.medoids import checked_medoids


@dataclasses.dataclass(frozen=True, eq=False)
class ClassPairs:
    """RankM and RSM of each pair of classes on its own.

    Attributes:
        class_names: `(num_classes,)`, the labels, sorted.
        rankm: `float64` array of shape `(num_classes, num_classes)`,
            symmetric: the share of the two classes' images that are at least
            as near to the other medoid; 0 on the diagonal.
        rsm: The same for the mean ratio of distances to the two medoids;
            infinite where an image coincides with the other medoid.

    Example:

    >>> x = [[0.0], [2.0], [1.0], [3.0], [90.0]]
    >>> found = class_pairs(x, list("aabbc"), metric="euclidean")
    >>> found.bitter(2).tolist(), found.rankm.tolist()[0]
    (['a', 'b'], [0.0, 0.25, 0.0])
    """

    class_names: np.ndarray
    rankm: np.ndarray
    rsm: np.ndarray

    def hardest(self, count=10):
        """Returns up to `count` rows `(class, other class, rankm, rsm)`.

        Sorted by RankM, equal ones by RSM.
        """
        first, second = np.triu_indices(len(self.class_names), 1)
        rankm, rsm = self.rankm[first, second], self.rsm[first, second]
        chosen = np.lexsort((-rsm, -rankm))[:count]
        return [
            (
                self.class_names[first[i]].item(),
                self.class_names[second[i]].item(),
                float(rankm[i]),
                float(rsm[i]),
            )
            for i in chosen
        ]

    def bitter(self, count):
        """Returns `count` classes that are fine-grained among themselves.

        Starts with the hardest pair and adds the class that is hardest
        against those chosen.

        Args:
            count: Int from 2 to `num_classes`.

        Returns:
            Array of class names, in the order of choice.

        Raises:
            ValueError: if `count` is out of range.
        """
        return self._subset(count, self._hardness())

    def sweet(self, count):
        """Returns `count` classes that are coarse-grained among themselves.

        As `bitter`, with the easiest pair and the easiest class.
        """
        return self._subset(count, -self._hardness())

    def _hardness(self):
        """RankM, where RSM decides between equal values."""
        finite = np.where(np.isfinite(self.rsm), self.rsm, 0.0)
        return self.rankm + 1e-6 * finite / max(finite.max(), 1.0)

    def _subset(self, count, gain):
        if not 2 <= count <= len(self.class_names):
            raise ValueError(
                "count must lie between 2 and the number of classes. "
                f"Received: count={count} for {len(self.class_names)} classes."
            )
        gain = gain.copy()
        np.fill_diagonal(gain, -np.inf)
        chosen = list(np.unravel_index(gain.argmax(), gain.shape))
        total = gain[chosen[0]] + gain[chosen[1]]
        while len(chosen) < count:
            total[chosen] = -np.inf
            chosen.append(total.argmax())
            total = total + gain[chosen[-1]]
        return self.class_names[np.array(chosen)]


def class_pairs(values, labels, *, metric="unit_euclidean", medoids=None):
    """Measures each pair of classes as if it were the whole set.

    Use it to see which classes make a set fine-grained, and to cut its most
    and least fine-grained subsets. One pass over the distances to the medoids;
    memory is three `(num_classes, num_classes)` arrays.

    Args:
        values: Features of shape `(num_images, dim)` or distances; see
            `Distances`.
        labels: One label per image, in any form; see `class_labels`.
        metric: `"euclidean"`, `"unit_euclidean"`, `"cosine"` or
            `"precomputed"`. Defaults to `"unit_euclidean"`.
        medoids: `None` to find them, or one image per class in the order of
            the sorted labels.

    Returns:
        `ClassPairs`.

    Raises:
        ValueError: for fewer than two classes, medoids outside their class,
            and what `Distances` refuses.

    Example:

    >>> x = [[0.0], [2.0], [1.0], [3.0], [90.0]]
    >>> found = class_pairs(x, list("aabbc"), metric="euclidean")
    >>> found.hardest(1)
    [('a', 'b', 0.25, 0.6666666666666666)]
    >>> found.sweet(2).tolist()
    ['a', 'c']

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, figures 6.1 and 6.8.
    """
    distances, classes = checked(values, labels, metric)
    medoids = checked_medoids(medoids, distances, classes)
    k = classes.num_classes
    wrong = np.zeros((k, k))
    ratios = np.zeros((k, k))
    for rows in distances.row_blocks(k):
        images = np.arange(rows.start, rows.stop)
        block = distances.block(images, medoids)
        ids = classes.ids[rows]
        own = block[np.arange(len(ids)), ids][:, None]
        nearer = block <= own * (1 + distances.tolerance)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(block > 0, own / block, np.inf)
        for row, class_id in enumerate(ids):
            wrong[class_id] += nearer[row]
            ratios[class_id] += share[row]
    sizes = classes.counts[:, None] + classes.counts
    wrong, ratios = (wrong + wrong.T) / sizes, (ratios + ratios.T) / sizes
    np.fill_diagonal(wrong, 0.0)
    np.fill_diagonal(ratios, 0.0)
    return ClassPairs(classes.names, wrong, ratios)
