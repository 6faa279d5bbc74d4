"""What an index of granularity should obey, as checks on given data."""

import dataclasses

import numpy as np

from fgkeras.granularity.class_labels import class_labels
from fgkeras.granularity.distances import Distances


@dataclasses.dataclass(frozen=True)
class AxiomCheck:
    """Whether an axiom held on some data.

    Attributes:
        holds: Bool.
        before: Float, the index on the data as given.
        after: Float, the index after the change that the axiom speaks of.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> d = abs(np.subtract.outer([0.0, 2, 1, 3], [0.0, 2, 1, 3]))
    >>> check = scale_invariance(rankm, d, [0, 0, 1, 1])
    >>> check.holds, check.before == check.after
    (True, True)
    """

    holds: bool
    before: float
    after: float

    def __bool__(self):
        return self.holds


def scale_invariance(index, distances, labels, factor=4.0, *, rtol=1e-9):
    """Checks that another unit of distance leaves the index alone.

        I(s d, y) = I(d, y) for s > 0

    Take a power of two as factor: another one rounds, and may break a tie.

    Args:
        index: Callable of `(distances, labels, metric="precomputed")`, such as
            `rankm`; use `functools.partial` to hand over medoids.
        distances: `(num_images, num_images)` matrix.
        labels: One label per image, in any form.
        factor: Float above 0. Defaults to `4`.
        rtol: Float, relative difference that counts as none. Defaults to
            `1e-09`.

    Returns:
        `AxiomCheck`.

    Raises:
        ValueError: if the factor is not above 0, or what the index refuses.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> d = abs(np.subtract.outer([0.0, 2, 1, 3], [0.0, 2, 1, 3]))
    >>> bool(scale_invariance(rankm, d, [0, 0, 1, 1]))
    True

    References:
        Cui, "Learning from Fine-Grained and Long-Tailed Visual Data", Cornell
        2019, section 6.1; after Ackerman and Ben-David, "Measures of
        Clustering Quality", 2008.
    """
    if factor <= 0:
        raise ValueError(f"factor must be above 0. Received: factor={factor}.")
    distances = np.asarray(distances, np.float64)
    before = float(index(distances, labels, metric="precomputed"))
    after = float(index(distances * factor, labels, metric="precomputed"))
    return AxiomCheck(_close(before, after, rtol), before, after)


def isomorphism_invariance(index, distances, labels, permutation, *, rtol=1e-9):
    """Checks that other names for the classes leave the index alone.

        I(d, p(y)) = I(d, y) for any exchange p of the class names

    Args:
        index: Callable of `(distances, labels, metric="precomputed")`.
        distances: `(num_images, num_images)` matrix.
        labels: One label per image, in any form.
        permutation: Sequence of ints, the new number of each class in sorted
            order.
        rtol: Float, relative difference that counts as none. Defaults to
            `1e-09`.

    Returns:
        `AxiomCheck`.

    Raises:
        ValueError: if it is no permutation, or what the index refuses.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> d = abs(np.subtract.outer([0.0, 2, 1, 3], [0.0, 2, 1, 3]))
    >>> bool(isomorphism_invariance(rankm, d, [0, 0, 1, 1], [1, 0]))
    True
    """
    classes = class_labels(labels)
    permutation = np.asarray(permutation)
    if sorted(permutation.tolist()) != list(range(classes.num_classes)):
        raise ValueError(
            "permutation must hold each class number once. Received: "
            f"permutation={permutation.tolist()} for {classes.num_classes} "
            "classes."
        )
    before = float(index(distances, classes.ids, metric="precomputed"))
    renamed = permutation[classes.ids]
    after = float(index(distances, renamed, metric="precomputed"))
    return AxiomCheck(_close(before, after, rtol), before, after)


def granularity_consistency(
    index, distances, drawn_apart, labels, *, rtol=1e-9
):
    """Checks that tighter classes farther apart are not called finer.

        d' <= d within classes and d' >= d across  =>  I(d', y) <= I(d, y)

    Holds for RS and Rank, and for RSM and RankM with `medoids` held fixed. It
    can fail where RSM and RankM find other medoids under d'; see
    `medoid_counter_example`.

    Args:
        index: Callable of `(distances, labels, metric="precomputed")`.
        distances: `(num_images, num_images)` matrix d.
        drawn_apart: Matrix d'.
        labels: One label per image, in any form.
        rtol: Float, relative rise that counts as none. Defaults to `1e-09`.

    Returns:
        `AxiomCheck`.

    Raises:
        ValueError: if d' is not such a change of d, or what the index refuses.

    Example:

    >>> from fgkeras.granularity import rs
    >>> d = abs(np.subtract.outer([0.0, 2, 1, 3], [0.0, 2, 1, 3]))
    >>> e = abs(np.subtract.outer([0.0, 1, 4, 5], [0.0, 1, 4, 5]))
    >>> granularity_consistency(rs, d, e, [0, 0, 1, 1]).holds
    True
    """
    classes = class_labels(labels)
    distances = Distances(distances, "precomputed").values
    drawn_apart = Distances(drawn_apart, "precomputed").values
    same = classes.ids[:, None] == classes.ids
    if distances.shape != drawn_apart.shape or len(distances) != len(classes):
        raise ValueError(
            "Both matrices and the labels must be of the same images. "
            f"Received: shapes {distances.shape}, {drawn_apart.shape} and "
            f"{len(classes)} labels."
        )
    change = drawn_apart - distances
    broken = np.where(same, change > 0, change < 0)
    if broken.any():
        i, j = np.argwhere(broken)[0]
        raise ValueError(
            "drawn_apart must not be larger within a class nor smaller across "
            f"classes. Received: {distances[i, j]} -> {drawn_apart[i, j]} for "
            f"images {i} and {j}, {'within' if same[i, j] else 'across'}."
        )
    before = float(index(distances, classes.ids, metric="precomputed"))
    after = float(index(drawn_apart, classes.ids, metric="precomputed"))
    holds = after <= before or _close(before, after, rtol)
    return AxiomCheck(holds, before, after)


def medoid_counter_example():
    """Returns data on which RSM and RankM rise though classes part.

    Six points on a line, -0.1, 0, 2 of one class and 3, 5.5, 5.9 of the
    other. Then 3 is moved to 0.1 from the other two of its class, and nothing
    else changes: within the class distances fall, across classes they stay.
    But the medoid moves from 5.5 to 3, which is nearer to the first class:
    RankM rises from 0 to 1/6, RSM from 0.2484 to 0.3446, whereas RS and Rank
    fall. The proposition that RSM and RankM are consistent is therefore true
    only where the medoids are held fixed.

    Returns:
        `(distances, drawn_apart, labels)`: two `(6, 6)` matrices and int64.

    Example:

    >>> from fgkeras.granularity import rankm
    >>> distances, drawn_apart, labels = medoid_counter_example()
    >>> check = granularity_consistency(rankm, distances, drawn_apart, labels)
    >>> check.holds, check.before, round(check.after, 4)
    (False, 0.0, 0.1667)
    """
    points = np.array([-0.1, 0.0, 2.0, 3.0, 5.5, 5.9])
    distances = np.abs(points[:, None] - points)
    drawn_apart = distances.copy()
    drawn_apart[3, 4:] = drawn_apart[4:, 3] = 0.1
    return distances, drawn_apart, np.repeat([0, 1], 3)


def _close(before, after, rtol):
    return bool(abs(after - before) <= rtol * max(abs(before), abs(after)))
