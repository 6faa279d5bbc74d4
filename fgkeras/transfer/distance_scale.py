"""What a distance between sets is near to, and far from."""

import dataclasses

import numpy as np

from fgkeras.transfer.domain import check_features
from fgkeras.transfer.domain import make_domain
from fgkeras.transfer.domain_distance import domain_distance


@dataclasses.dataclass(frozen=True)
class DistanceScale:
    """A scale on which 0 is near and 1 is far.

    Attributes:
        near: Float, distance between random halves of one set.
        far: Float above `near`, distance of the farthest set at hand.

    Example:

    >>> DistanceScale(near=2.0, far=6.0).relative(3.0)
    0.25
    """

    near: float
    far: float

    def __post_init__(self):
        if not 0 <= self.near < self.far:
            raise ValueError(
                "A scale needs a far set that lies farther than the halves of "
                f"one set. Received: near={self.near}, far={self.far}. Add a "
                "set of something else."
            )

    def relative(self, distance):
        """Returns where a distance lies: 0 as near as halves, 1 the farthest.

            (distance - near) / (far - near)

        Below 0 are sets that are nearer than the halves, which are smaller and
        so less even than the whole: the same set has less than 0.

        Args:
            distance: Float, as of `domain_distance`.
        """
        return (distance - self.near) / (self.far - self.near)


def half_distance(features, labels, *, num_draws=5, seed=0, progress=None):
    """Measures the distance between random halves of one set.

    Each class is halved at random, an odd one on either side. Two samples of
    one and the same thing are so far apart: a distance between two sets says
    nothing before it is well above.

    Args:
        features: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, 0-based.
        num_draws: Int at least 1, halvings to average over. Defaults to `5`.
        seed: Int. Defaults to `0`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Float, the mean of `domain_distance` over the halvings.

    Raises:
        ValueError: for arrays that do not fit, no class of two images, or
            `num_draws` below 1.

    Example:

    >>> half_distance([[0.0], [2.0]], [0, 0])
    2.0
    """
    features, labels = check_features(features, labels)
    counts = np.bincount(labels)
    if counts.max() < 2 or num_draws < 1:
        raise ValueError(
            "Halves need a class of two images and a draw. Received: the "
            f"largest class has {counts.max()}, num_draws={num_draws}."
        )
    generator = np.random.default_rng(seed)
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.cumsum(counts)[:-1])
    distances = np.empty(num_draws)
    for draw in range(num_draws):
        first = np.zeros(len(labels), bool)
        for rows in groups:
            size = (len(rows) + generator.integers(2)) // 2
            first[generator.permutation(rows)[:size]] = True
        distances[draw] = domain_distance(
            make_domain(features[first], labels[first]),
            make_domain(features[~first], labels[~first]),
        )
        if progress:
            progress(draw + 1, num_draws)
    return float(distances.mean())
