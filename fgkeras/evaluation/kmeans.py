"""k-means with a seed, for few clusters and for many thousands."""

import dataclasses

import numpy as np

from fgkeras.evaluation.similarity import check_embeddings
from fgkeras.evaluation.similarity import slices

_BLOCK_VALUES = 2**24  # float32 scores held at a time: 64 MB
_CAREFUL = 512  # centers drawn one at a time, the best of several
_SHARE = 32  # then as many at once as this part of those there are


@dataclasses.dataclass(frozen=True)
class Clustering:
    """Result of `kmeans`.

    Attributes:
        clusters: int64 `(num_images,)`, `0..num_clusters - 1`, none empty.
        centers: float32 `(num_clusters, dimensions)`, means of the clusters.
        inertia: float, sum of the squared distances to the centers.
        num_iterations: int, of the start that was kept.
        converged: bool, the last iteration moved no image.
    """

    clusters: np.ndarray
    centers: np.ndarray
    inertia: float
    num_iterations: int
    converged: bool


def kmeans(
    embeddings,
    num_clusters,
    *,
    num_iterations=100,
    num_starts=1,
    seed=0,
    progress=None,
):
    """Clusters vectors by Lloyd's iterations from a k-means++ start.

    Use it for NMI and F1 of an embedding, with as many clusters as classes,
    and to place the anchors of a class. Normalize the vectors first where
    angles count. The same arguments give the same clusters on one machine.

    The start is drawn with chances in proportion to the squared distance from
    the centers so far: the first 512 one at a time, the best of
    2 + log(num_clusters) draws, then a 32nd of their number at once. Lloyd's
    step is exact, except for float32 rounding, and skips what cannot change:
    an image whose center stayed is compared with the centers that moved alone.
    An emptied cluster restarts at the image farthest from its center.

    Args:
        embeddings: finite real array `(num_images, dimensions)`.
        num_clusters: int in 1..num_images.
        num_iterations: int >= 1, at most.
        num_starts: int >= 1; the start with the least inertia is kept.
        seed: int.
        progress: None or a callable of `(done, total)` iterations.

    Returns:
        A `Clustering`.

    Raises:
        ValueError: for options outside their range, another shape, or NaN.

    Example:

    >>> kmeans([[0.0], [0.1], [5.0]], 2).inertia < 0.01
    True

    References:
        Lloyd, "Least Squares Quantization in PCM", 1982.
        Arthur and Vassilvitskii, "k-means++", 2007.
        Bahmani et al., "Scalable K-Means++", 2012 (drawing many at once).
    """
    values = check_embeddings("embeddings", embeddings)
    if not 1 <= num_clusters <= len(values):
        raise ValueError(
            f"num_clusters must lie in 1..{len(values)}, the number of "
            f"images. Received: num_clusters={num_clusters}. Usual is the "
            "number of classes."
        )
    if num_iterations < 1 or num_starts < 1:
        raise ValueError(
            "num_iterations and num_starts must be at least 1. Received: "
            f"num_iterations={num_iterations}, num_starts={num_starts}. Usual "
            "are 100 and 1."
        )
    # Distances stay; float32 is spent on the spread, not on the offset.
    center = values.mean(axis=0, dtype=np.float64)
    x = values - center
    scale = float(np.abs(x).max()) or 1.0
    x = np.ascontiguousarray(x / scale, dtype=np.float32)
    best = None
    for start in range(num_starts):
        generator = np.random.default_rng([seed, start])
        found = _lloyd(
            x, _draw(x, num_clusters, generator), num_iterations, progress
        )
        if best is None or found.inertia < best.inertia:
            best = found
    return dataclasses.replace(
        best,
        centers=(best.centers.astype(np.float64) * scale + center).astype(
            np.float32
        ),
        inertia=best.inertia * scale**2,
    )


def _draw(x, num_clusters, generator):
    """Rows for the first centers, all different."""
    squares = np.square(x).sum(axis=1)
    chosen = [int(generator.integers(len(x)))]
    distance = np.full(len(x), np.inf, np.float32)
    _lower(distance, x, squares, np.array(chosen))
    trials = 2 + int(np.log(num_clusters))
    while len(chosen) < num_clusters:
        left = num_clusters - len(chosen)
        careful = len(chosen) < _CAREFUL
        count = 1 if careful else min(len(chosen) // _SHARE, left)
        positive = np.flatnonzero(distance)
        if len(positive) < count:
            # Copies of the centers are all that is left.
            rest = np.setdiff1d(np.arange(len(x)), [*chosen, *positive])
            more = generator.permutation(rest)[: count - len(positive)]
            new = np.concatenate([positive, more]).astype(np.int64)
        else:
            draws = min(trials, len(positive)) if careful else count
            # Largest keys log(u) / w: a draw without replacement by weight.
            keys = np.log(1.0 - generator.random(len(positive)))
            keys /= distance[positive]
            new = positive[np.argpartition(-keys, draws - 1)[:draws]]
        if careful and len(new) > 1:
            block = _gaps(x, squares, x[new], squares[new])
            np.minimum(block, distance, out=block)
            best = block.sum(axis=1, dtype=np.float64).argmin()
            distance, new = block[best], new[best : best + 1]
            distance[new] = 0.0
        else:
            _lower(distance, x, squares, new)
        chosen.extend(new.tolist())
    return np.array(chosen)


def _lower(distance, x, squares, rows):
    """Takes new centers into the squared distances to the nearest one."""
    step = max(1, _BLOCK_VALUES // len(rows))
    for part in slices(len(x), step):
        gap = _gaps(x[part], squares[part], x[rows], squares[rows])
        np.minimum(distance[part], gap.min(axis=0), out=distance[part])
    distance[rows] = 0.0


def _gaps(x, squares, centers, center_squares):
    """Squared distances, `(num_centers, num_images)`."""
    gap = centers @ x.T
    gap *= -2.0
    gap += squares
    gap += center_squares[:, None]
    return np.maximum(gap, 0.0, out=gap)


def _lloyd(x, rows, num_iterations, progress):
    centers = x[rows].copy()
    count = len(centers)
    clusters = np.full(len(x), -1)
    scores = np.full(len(x), -np.inf, np.float32)
    moved = np.arange(count)
    converged = False
    for iteration in range(1, num_iterations + 1):
        before = clusters.copy()
        _assign(x, centers, moved, clusters, scores)
        _fill_empty(x, centers, clusters, scores)
        if progress:
            progress(iteration, num_iterations)
        changed = np.flatnonzero(before != clusters)
        converged = not len(changed)
        if converged:
            break
        touched = np.union1d(clusters[changed], before[changed])
        touched = touched[touched >= 0]
        centers[touched] = _means(x, clusters, touched, count)
        moved = touched
    gap = x - centers[clusters]
    inertia = float(np.square(gap, dtype=np.float64).sum())
    return Clustering(clusters, centers, inertia, iteration, bool(converged))


def _assign(x, centers, moved, clusters, scores):
    """Nearest center of every image, the first of equally near ones.

    `scores` holds x . c - |c|^2 / 2 of the image's center.
    """
    is_moved = np.zeros(len(centers), bool)
    is_moved[moved] = True
    fresh = (clusters < 0) | is_moved[clusters]
    for images, among in (
        (np.flatnonzero(fresh), np.arange(len(centers))),
        (np.flatnonzero(~fresh), moved),
    ):
        if not len(images) or not len(among):
            continue
        keys = centers[among]
        half = np.square(keys).sum(axis=1) / 2
        step = max(1, _BLOCK_VALUES // len(among))
        for part in slices(len(images), step):
            index = images[part]
            block = x[index] @ keys.T
            block -= half
            best = block.argmax(axis=1)
            score = block[np.arange(len(index)), best]
            if among is moved:
                kept = score > scores[index]
                index, best, score = index[kept], best[kept], score[kept]
            clusters[index] = among[best]
            scores[index] = score


def _fill_empty(x, centers, clusters, scores):
    sizes = np.bincount(clusters, minlength=len(centers))
    empty = np.flatnonzero(sizes == 0)
    if not len(empty):
        return
    gap = np.square(x - centers[clusters]).sum(axis=1)
    order = iter(np.argsort(-gap, kind="stable"))
    for cluster in empty:
        image = next(i for i in order if sizes[clusters[i]] > 1)
        sizes[clusters[image]] -= 1
        sizes[cluster] = 1
        clusters[image] = cluster
        scores[image] = np.square(x[image]).sum() / 2


def _means(x, clusters, touched, count):
    """Means of the touched clusters."""
    wanted = np.zeros(count, bool)
    wanted[touched] = True
    images = np.flatnonzero(wanted[clusters])
    images = images[np.argsort(clusters[images], kind="stable")]
    sizes = np.bincount(clusters[images], minlength=count)[touched]
    starts = np.cumsum(sizes) - sizes
    sums = np.add.reduceat(x[images], starts, axis=0, dtype=np.float64)
    return (sums / sizes[:, None]).astype(np.float32)
