"""Two Gaussian classes that part: what an index says of known data."""

import numpy as np

from fgkeras.granularity.rank import rank
from fgkeras.granularity.rankm import rankm
from fgkeras.granularity.rs import rs
from fgkeras.granularity.rsm import rsm

INDICES = {"RS": rs, "RSM": rsm, "Rank": rank, "RankM": rankm}


def two_gaussians(separation, num_per_class=1000, *, seed=0):
    """Draws two classes in the plane with unit covariance.

        x ~ N((0, 0), I) for class 0,   x ~ N((m, 0), I) for class 1

    Args:
        separation: Float, m, the distance of the two means.
        num_per_class: Int at least 1. Defaults to `1000`.
        seed: Int or `numpy.random.Generator`. Defaults to `0`.

    Returns:
        `(points, labels)`: float64 `(2 * num_per_class, 2)` and int64.

    Example:

    >>> points, labels = two_gaussians(10.0, 50)
    >>> rankm(points, labels, metric="euclidean").value
    0.0

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, figure 6.4.
    """
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(2 * num_per_class, 2))
    points[num_per_class:, 0] += separation
    return points, np.repeat([0, 1], num_per_class)


def simulated_granularity(
    separations, *, num_per_class=1000, num_repeats=20, indices=None, seed=0
):
    """Measures `two_gaussians` at several distances of the means.

    Args:
        separations: Sequence of floats.
        num_per_class: Int at least 1. Defaults to `1000`.
        num_repeats: Int at least 2, sets drawn at each distance. Defaults to
            `20`.
        indices: List of names among RS, RSM, Rank, RankM; `None` for all.
        seed: Int. Defaults to `0`.

    Returns:
        Dict of index name to float64 `(len(separations), num_repeats)`.

    Raises:
        ValueError: if a name is unknown.

    Example:

    >>> found = simulated_granularity([0.0, 8.0], num_per_class=50,
    ...                               num_repeats=2, indices=["RankM"])
    >>> found["RankM"].shape, found["RankM"][1].tolist()
    ((2, 2), [0.0, 0.0])
    """
    names = list(INDICES) if indices is None else list(indices)
    unknown = [name for name in names if name not in INDICES]
    if unknown:
        raise ValueError(
            f"indices must be among {', '.join(INDICES)}. Received: {unknown}."
        )
    generator = np.random.default_rng(seed)
    out = {name: np.empty((len(separations), num_repeats)) for name in names}
    for i, separation in enumerate(separations):
        for j in range(num_repeats):
            points, labels = two_gaussians(
                separation, num_per_class, seed=generator
            )
            for name in names:
                found = INDICES[name](points, labels, metric="euclidean")
                out[name][i, j] = found.value
    return out
