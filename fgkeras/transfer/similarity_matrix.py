"""Similarities between many domains at once."""

import dataclasses

import numpy as np

from fgkeras.transfer.domain_distance import GAMMA
from fgkeras.transfer.domain_distance import check_gamma
from fgkeras.transfer.domain_distance import domain_distance


@dataclasses.dataclass(frozen=True)
class SimilarityMatrix:
    """Distances and similarities of sources (rows) and targets (columns).

    Attributes:
        sources: Tuple of strings.
        targets: Tuple of strings.
        distances: `float64` array of shape `(sources, targets)`.
        gamma: Float.

    Example:

    >>> found = SimilarityMatrix(("near", "far"), ("birds",),
    ...     np.array([[10.0], [100.0]]), 0.01)
    >>> found.similarities.round(3).tolist()
    [[0.905], [0.368]]
    """

    sources: tuple
    targets: tuple
    distances: np.ndarray
    gamma: float

    @property
    def similarities(self):
        """float64 array `(sources, targets)` in (0, 1]."""
        return np.exp(-self.gamma * self.distances)


def similarity_matrix(sources, targets=None, *, gamma=GAMMA, progress=None):
    """Compares every source domain with every target domain.

    Args:
        sources: Dict of name to `Domain`, all of the same features.
        targets: Dict of name to `Domain`, or `None` for the sources
            themselves; each pair is then solved once and the diagonal is
            exactly 0.
        gamma: Float above 0, see `domain_similarity`. Defaults to `0.01`.
        progress: `None`, or callable of `(done, total)` pairs.

    Returns:
        `SimilarityMatrix`.

    Raises:
        ValueError: as `domain_similarity`.

    Example:

    >>> from fgkeras.transfer.domain import Domain
    >>> near, far = (Domain([[x]], [1], ["a"]) for x in (1.0, 4.0))
    >>> similarity_matrix({"near": near, "far": far}).distances.tolist()
    [[0.0, 3.0], [3.0, 0.0]]
    """
    check_gamma(gamma)
    rows, columns = list(sources), list(sources if targets is None else targets)
    distances = np.zeros((len(rows), len(columns)))
    pairs = [
        (i, j)
        for i in range(len(rows))
        for j in range(len(columns))
        if targets is not None or i < j
    ]
    for done, (i, j) in enumerate(pairs):
        target = sources if targets is None else targets
        value = domain_distance(sources[rows[i]], target[columns[j]])
        distances[i, j] = value
        if targets is None:
            distances[j, i] = value
        if progress:
            progress(done + 1, len(pairs))
    return SimilarityMatrix(tuple(rows), tuple(columns), distances, gamma)
