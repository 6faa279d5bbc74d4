"""How many unique prototypes a class has, and the beta that says so."""

import dataclasses

import numpy as np

from fgkeras.granularity.distances import BLOCK_VALUES
from fgkeras.granularity.distances import Distances
from fgkeras.ops.hyperparameter import Number
from fgkeras.ops.labels import whole_labels

ERRORS = Number(least=0, most=1)
_TILE = 2048


@dataclasses.dataclass(frozen=True)
class UniquePrototypes:
    """What `unique_prototypes` returns.

    Attributes:
        beta: Float in `[0, 1)`, `(N - 1) / N` of all classes together.
        class_betas: `float64` array of shape `(num_classes,)`, each in
            `[0, 1)`.
        radius: Float, the distance below which two images are near duplicates.
        at_least: Bool, whether no two images of a class are that near, so that
            `N` is the least that their pairs allow.

    Example:

    >>> found = UniquePrototypes(0.75, np.array([0.5, 0.75]), 0.1, False)
    >>> found.number, found.class_numbers.tolist()
    (4.0, [2.0, 4.0])
    """

    beta: float
    class_betas: np.ndarray
    radius: float
    at_least: bool

    @property
    def number(self):
        """`N` of all classes together, a float of at least 1."""
        return 1.0 / (1.0 - self.beta)

    @property
    def class_numbers(self):
        """`N` of each class, a `float64` array of numbers of at least 1."""
        return 1.0 / (1.0 - self.class_betas)


def unique_prototypes(
    features, labels, num_classes=None, *, errors=0.05, metric="cosine"
):
    """Estimates how many prototypes a class has, from its near duplicates.

    Use it for a beta of class-balanced losses that no one has to try out. A
    class of `N` prototypes, of which each image shows one, is worth

        E(n) = (1 - beta^n) / (1 - beta),    beta = (N - 1) / N

    images, and `1 - beta^n` is the chance that `n` of its images hold a near
    duplicate of another one. That share is measured: of an image with `k` near
    duplicates among the `m - 1` others of its class, the chance that `n` drawn
    of them hold none is

        q(n) = C(m - 1 - k, n) / C(m - 1, n)

    in closed form, without drawing. `log beta` is the slope of the line
    through 0 that is fitted to `log q(n)`, each `n` weighted by the inverse
    variance of the logarithm, `M q / (1 - q)` with `M` images that have `n`
    others; `q` is their mean.

    Two images are near duplicates if they are copies, or nearer to each other
    than all but a share `errors` of the images are to the nearest image of
    another class: no more than that share would be called a copy of an image
    of another class. Nothing else is chosen. (The median of these distances
    would call half of all images so, and a quantile of the distances inside of
    classes would put in the number that is asked for.)

    The beta of a class is the mean over its `m` images and one that is as
    those of all classes are, `(m beta_c + beta) / (m + 1)`, where `beta_c` is
    fitted to its own curve, 1 without a near pair. So classes of one image, or
    of none, have the beta of all, and one near pair of two images is no proof.
    Where no class has a near pair, `N` is the number of pairs: what one would
    say.

    Costs the distances of all pairs of images, in blocks of 64 MiB.

    Args:
        features: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, values in
            `[0, num_classes)`.
        num_classes: Int at least 2. Defaults to the largest label and 1.
        errors: Float in [0, 1], share of the images that may be as near to
            another class as near duplicates. Defaults to `0.05`.
        metric: String, see `Distances`. Defaults to `"cosine"`.

    Returns:
        `UniquePrototypes`.

    Raises:
        ValueError: If images are of fewer than two classes, no class has two,
            shapes do not fit, or for what `Distances` refuses.

    Example:

    >>> corners = np.eye(8)[[0, 1, 2, 3] * 5 + [4, 5, 6, 7] * 5]
    >>> found = unique_prototypes(corners, [0] * 20 + [1] * 20)
    >>> round(found.number, 1), found.class_betas.round(2).tolist()
    (4.0, [0.75, 0.75])

    References:

    - [Cui et al., 2019](https://arxiv.org/abs/1901.05555), section 3, for the
      model; how to measure `N` is not in it.
    """
    errors = ERRORS.checked("errors", errors)
    distances = Distances(features, metric)
    if num_classes is None:
        num_classes = int(np.max(labels, initial=0)) + 1
    labels = whole_labels(labels, num_classes)
    if len(labels) != len(distances):
        raise ValueError(
            "There must be one label per image. Received: "
            f"{len(distances)} images and {len(labels)} labels."
        )
    counts = np.bincount(labels, minlength=num_classes)
    if (counts > 0).sum() < 2 or counts.max() < 2:
        raise ValueError(
            "Prototypes are counted where a class has two images, and another "
            f"class one. Received: {len(labels)} images of "
            f"{(counts > 0).sum()} classes, at most "
            f"{counts.max(initial=0)} of one. Set a beta instead."
        )
    nearest = np.sort(_nearest_of_others(distances, labels))
    radius = float(nearest[int(errors * (len(nearest) - 1))])
    curves = [
        _uncovered(_near(distances, np.flatnonzero(labels == c), radius))
        for c in range(num_classes)
    ]
    beta, at_least = _pooled(curves)
    own = np.full(num_classes, beta)
    for c, sums in enumerate(curves):
        if len(sums):
            fitted = _fitted(sums / counts[c], counts[c])
            own[c] = (counts[c] * fitted + beta) / (counts[c] + 1)
    return UniquePrototypes(beta, own, radius, at_least)


def _pooled(curves):
    """The beta of all classes, and whether no near pair was seen."""
    longest = max(map(len, curves))
    total, images = np.zeros(longest), np.zeros(longest)
    pairs = 0
    for sums in curves:
        # A class of m images has a curve of m - 1 places.
        count = len(sums) + 1
        total[: len(sums)] += sums
        images[: len(sums)] += count
        pairs += count * (count - 1) // 2
    beta = _fitted(total / images, images)
    if beta >= 1.0:
        return 1.0 - 1.0 / pairs, True
    return beta, False


def _fitted(uncovered, images):
    """Returns beta of the shares `q(n)`, `n` from 1, that find no duplicate."""
    if uncovered[0] >= 1.0:
        return 1.0
    n = np.arange(1, len(uncovered) + 1)
    images = np.broadcast_to(images, n.shape)
    seen = (uncovered > 0.0) & (uncovered < 1.0)
    if not seen.any():
        return 0.0
    n, share = n[seen], uncovered[seen]
    weights = images[seen] * share / (1.0 - share)
    slope = (weights * n * np.log(share)).sum() / (weights * n**2).sum()
    return float(np.exp(slope))


def _uncovered(near):
    """Sums of `q(n)` over the images of a class, for each `n` from 1.

    Args:
        near: Integer array, near duplicates of each of its images.
    """
    others = len(near) - 1
    values, images = np.unique(near, return_counts=True)
    chance, out = np.ones(len(values)), np.zeros(max(others, 0))
    for drawn in range(len(out)):
        left = others - drawn
        chance *= np.maximum(left - values, 0) / left
        out[drawn] = images @ chance
    return out


def _tiles(distances, images):
    """Yields pairs of parts of some images, each part with all behind it."""
    step = min(_TILE, max(1, BLOCK_VALUES // distances.values.shape[1]))
    for i in range(0, len(images), step):
        for j in range(i, len(images), step):
            yield slice(i, i + step), slice(j, j + step)


def _nearest_of_others(distances, labels):
    """How far each image is from the nearest image of another class."""
    images = np.arange(len(labels))
    out = np.full(len(labels), np.inf)
    for rows, columns in _tiles(distances, images):
        block = distances.block(images[rows], images[columns])
        block[labels[rows][:, None] == labels[columns]] = np.inf
        np.minimum(out[rows], block.min(axis=1), out=out[rows])
        np.minimum(out[columns], block.min(axis=0), out=out[columns])
    return out


def _near(distances, members, radius):
    """How many others of its class are as near as near duplicates."""
    limit = radius * (1.0 - distances.tolerance)
    out = np.zeros(len(members), np.int64)
    for rows, columns in _tiles(distances, members):
        block = distances.block(members[rows], members[columns])
        near = (block < limit) | (block == 0.0)
        if rows == columns:
            np.fill_diagonal(near, False)
        else:
            out[columns] += near.sum(axis=0)
        out[rows] += near.sum(axis=1)
    return out
