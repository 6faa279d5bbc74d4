"""k-means with a seed, for few clusters and for many thousands."""

import dataclasses

import numpy as np

from fgkeras.ops.finite import check_finite
from fgkeras.ops.hyperparameter import Number

_BLOCK_VALUES = 2**24  # float32 scores held at a time: 64 MB
_CAREFUL = 512  # centers drawn one at a time, the best of several
_SHARE = 32  # then as many at once as this part of those there are
COUNT = Number(least=1, whole=True, hint="Usual are 100 iterations of 1 start.")


@dataclasses.dataclass(frozen=True)
class Clustering:
    """Result of `kmeans`.

    Attributes:
        clusters: `int64` array of shape `(num_images,)`, values in
            `[0, num_clusters)`, none left out.
        centers: `float32` array of shape `(num_clusters, dim)`, means of the
            clusters.
        inertia: Float, sum of the squared distances to the centers.
        num_iterations: Int, of the start that was kept.
        converged: Bool, whether the last iteration moved no image.

    Example:

    >>> found = kmeans([[0.0], [2.0], [9.0]], 2)
    >>> sorted(found.centers.ravel().round(3).tolist())
    [1.0, 9.0]
    >>> bool(found.clusters[0] == found.clusters[1]), found.converged
    (True, True)
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
        embeddings: Real array of shape `(num_images, dim)`, finite.
        num_clusters: Int from 1 to `num_images`.
        num_iterations: Int at least 1, at most. Defaults to `100`.
        num_starts: Int at least 1; the start with the least inertia is kept.
            Defaults to `1`.
        seed: Int. Defaults to `0`.
        progress: `None`, or callable of `(done, total)` iterations.

    Returns:
        `Clustering`.

    Raises:
        ValueError: If an option is out of range, or the embeddings have
            another shape or hold NaN.

    Example:
    >>> kmeans([[0.0], [0.1], [5.0]], 2).inertia < 0.01
    True

    Reference:
        Lloyd, "Least Squares Quantization in PCM", 1982.
        Arthur and Vassilvitskii, "k-means++", 2007.
        Bahmani et al., "Scalable K-Means++", 2012 (drawing many at once).
    """
    values = _vectors(embeddings)
    num_clusters = Number(
        least=1,
        most=len(values),
        whole=True,
        hint="Usual is the number of classes; no cluster stays empty.",
    ).checked("num_clusters", num_clusters)
    num_iterations = COUNT.checked("num_iterations", num_iterations)
    num_starts = COUNT.checked("num_starts", num_starts)
    # Distances stay; float32 is spent on the spread, not on the offset.
    center = values.mean(axis=0, dtype=np.float64)
    x = values - center
    scale = float(np.abs(x).max()) or 1.0
    x = np.ascontiguousarray(x / scale, dtype=np.float32)
    best = None
    for start in range(num_starts):
        generator = np.random.default_rng([seed, start])
        rows = _draw(x, num_clusters, generator)
        found = lloyd(
            x,
            x[rows],
            _Nearest(x),
            num_iterations=num_iterations,
            progress=progress,
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


def lloyd(points, centers, assign, *, num_iterations, progress=None):
    """Moves centers to the means of their points until none changes its center.

    The one loop of all that clusters here; how the nearest center is found is
    the caller's, who knows the number of points and of centers.

    Args:
        points: Float array of shape `(num_points, dim)`.
        centers: Float array of shape `(num_clusters, dim)`, the start. One to
            which no point belongs stays where it is.
        assign: Callable of `(centers, moved, clusters)` that writes the center
            of every point into `clusters`, which has those of the last time,
            or -1; only the centers in `moved` have changed since.
        num_iterations: Int at least 1, at most.
        progress: `None`, or callable of `(done, total)` iterations.

    Returns:
        `Clustering`.

    Example:
    >>> x = np.array([[0.0], [2.0], [9.0]])
    >>> def assign(centers, moved, clusters):
    ...     clusters[:] = np.abs(x - centers[:, 0]).argmin(axis=1)
    >>> lloyd(x, x[1:], assign, num_iterations=9).centers.tolist()
    [[1.0], [9.0]]

    Reference:
        Lloyd, "Least Squares Quantization in PCM", 1982.
    """
    centers = centers.copy()
    count = len(centers)
    clusters = np.full(len(points), -1)
    moved = np.arange(count)
    for iteration in range(1, num_iterations + 1):
        before = clusters.copy()
        assign(centers, moved, clusters)
        if progress:
            progress(iteration, num_iterations)
        changed = np.flatnonzero(before != clusters)
        if not len(changed):
            break
        touched = np.union1d(clusters[changed], before[changed])
        sizes = np.bincount(clusters, minlength=count)
        moved = touched[(touched >= 0) & (sizes[touched] > 0)]
        centers[moved] = _means(points, clusters, moved, count)
    gap = points - centers[clusters]
    inertia = float(np.square(gap, dtype=np.float64).sum())
    return Clustering(clusters, centers, inertia, iteration, not len(changed))


def _vectors(embeddings):
    values = np.asanyarray(embeddings)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "fiub":
        raise ValueError(
            "embeddings must be real numbers of shape (num_images, dimensions)"
            f", both at least 1. Received: embeddings.shape={values.shape}, "
            f"dtype={values.dtype}. Flatten feature maps or pool them first."
        )
    check_finite("embeddings", values)
    return values


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
    step = _BLOCK_VALUES // len(rows)
    for near, part, part_squares in zip(
        _parts(distance, step),
        _parts(x, step),
        _parts(squares, step),
        strict=True,
    ):
        gap = _gaps(part, part_squares, x[rows], squares[rows])
        np.minimum(near, gap.min(axis=0), out=near)
    distance[rows] = 0.0


def _gaps(x, squares, centers, center_squares):
    """Squared distances, `(num_centers, num_images)`."""
    gap = centers @ x.T
    gap *= -2.0
    gap += squares
    gap += center_squares[:, None]
    return np.maximum(gap, 0.0, out=gap)


class _Nearest:
    """Finds the nearest center of every point, and leaves none empty.

    Skips what cannot change; of equally near centers it takes the first.
    """

    def __init__(self, x):
        self.x = x
        # x . c - |c|^2 / 2 of each point's center.
        self.scores = np.full(len(x), -np.inf, np.float32)

    def __call__(self, centers, moved, clusters):
        self._assign(centers, moved, clusters)
        self._fill_empty(centers, clusters)

    def _assign(self, centers, moved, clusters):
        x, scores = self.x, self.scores
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
            for index in _parts(images, _BLOCK_VALUES // len(among)):
                block = x[index] @ keys.T
                block -= half
                best = block.argmax(axis=1)
                score = block[np.arange(len(index)), best]
                if among is moved:
                    kept = score > scores[index]
                    index, best, score = index[kept], best[kept], score[kept]
                clusters[index] = among[best]
                scores[index] = score

    def _fill_empty(self, centers, clusters):
        x = self.x
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
            self.scores[image] = np.square(x[image]).sum() / 2


def _parts(array, step):
    """Yields views of at most `step` entries, and at least one."""
    step = max(1, step)
    for start in range(0, len(array), step):
        yield array[start : start + step]


def _means(x, clusters, touched, count):
    """Means of the touched clusters, none of which is empty."""
    wanted = np.zeros(count, bool)
    wanted[touched] = True
    images = np.flatnonzero(wanted[clusters])
    images = images[np.argsort(clusters[images], kind="stable")]
    ends = np.cumsum(np.bincount(clusters[images], minlength=count)[touched])
    groups = np.split(x[images], ends[:-1])
    means = [rows.mean(axis=0, dtype=np.float64) for rows in groups]
    return np.array(means, x.dtype).reshape(len(touched), x.shape[1])
