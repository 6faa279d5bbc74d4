"""The centres of each class: the direction of its mean, or k-means in it."""

import functools

import numpy as np

from fgkeras.ops.kmeans import COUNT
from fgkeras.ops.kmeans import lloyd
from fgkeras.ops.labels import whole_labels

_BLOCK = 1024


def class_centers(embeddings, labels, start, *, seed=0, max_iterations=100):
    """Returns k-means centres of every class, as NumPy.

    Each class is clustered by itself, from a seeded k-means++ start until no
    image changes its centre. A class with fewer different images than centres
    has some centres twice, and one without images keeps its `start`.

    Args:
        embeddings: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, in
            `[0, num_classes)`; `-1` for an image of no class, left out.
        start: Float array of shape `(num_classes, num_centers, dim)`, what
            classes without images keep; its shape gives the numbers.
        seed: Int. Defaults to `0`.
        max_iterations: Int at least 1. Defaults to `100`.

    Returns:
        Array shaped and typed like `start`.

    Raises:
        ValueError: If the shapes do not fit, or a label is no class.

    Example:
    >>> x = np.array([[0.0], [1.0], [9.0], [5.0]])
    >>> labels = np.array([0, 0, 0, 1])
    >>> centers = class_centers(x, labels, np.zeros((2, 2, 1)))
    >>> np.sort(centers[..., 0]).tolist()
    [[0.5, 9.0], [5.0, 5.0]]
    """
    max_iterations = COUNT.checked("max_iterations", max_iterations)
    x = np.asarray(embeddings, "float64")
    out = np.array(start)
    num_classes, num_centers, dim = out.shape
    y = whole_labels(labels, num_classes, absent=True)
    if x.ndim != 2 or x.shape[1] != dim or len(x) != len(y):
        raise ValueError(
            f"`embeddings` must have shape (num_images, {dim}), with one label "
            f"each. Received: embeddings of shape {x.shape}, {len(y)} labels."
        )
    order = np.argsort(y, kind="stable")
    ends = np.searchsorted(y[order], np.arange(num_classes + 1))
    for c in range(num_classes):
        points = x[order[ends[c] : ends[c + 1]]]
        if len(points):
            rng = np.random.default_rng([seed, c])
            out[c] = lloyd(
                points,
                _plus_plus(points, num_centers, rng),
                functools.partial(_nearest, points),
                num_iterations=max_iterations,
            ).centers
    return out


def _nearest(points, centers, moved, clusters):
    # Exact, which blocks of products are not: classes are small, and copies of
    # an image make ties.
    clusters[:] = _squared(points, centers).argmin(axis=1)


def _plus_plus(points, num, rng):
    chosen = [points[rng.integers(len(points))]]
    while len(chosen) < num:
        nearest = _squared(points, np.array(chosen)).min(axis=1)
        total = nearest.sum()
        share = nearest / total if total > 0 else None
        chosen.append(points[rng.choice(len(points), p=share)])
    return np.array(chosen)


def _squared(points, centers):
    return np.square(points[:, None] - centers[None]).sum(axis=2)


def class_mean_directions(vectors, labels, num_classes):
    """Returns the direction of the mean of each class's unit vectors.

    Use them as the weights of a head: the class of the largest cosine is the
    nearest class mean, a classifier without training, and a start for one.

        m_c = mean of x_i / |x_i| over y_i = c,    w_c = m_c / |m_c|

    Args:
        vectors: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, values in
            `[0, num_classes)`.
        num_classes: Int at least 1.

    Returns:
        NumPy `float64` array of shape `(num_classes, dim)`; zeros where a
        class has no image, or its vectors cancel out.

    Raises:
        ValueError: If shapes do not fit, a label is no class, or a vector is
            not finite.

    Example:
    >>> class_mean_directions([[2, 0], [0, 3], [0, 1]], [0, 1, 1], 2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]

    Reference:

    - [Mensink et al., 2013](https://doi.org/10.1109/TPAMI.2013.83).
    """
    vectors = np.asarray(vectors)
    labels = whole_labels(labels, num_classes)
    if vectors.ndim != 2 or len(vectors) != len(labels):
        raise ValueError(
            "`vectors` must hold one row per label. Received: vectors of "
            f"shape {vectors.shape}, {len(labels)} labels."
        )
    if not np.isfinite(vectors).all():
        raise ValueError(
            "`vectors` must be finite. Received: vectors with "
            f"{int((~np.isfinite(vectors)).sum())} entries that are not."
        )
    sums = np.zeros((num_classes, vectors.shape[1]))
    # By blocks, since float64 doubles what a large set takes.
    for block in _blocks(len(vectors)):
        np.add.at(sums, labels[block], _unit(vectors[block].astype("float64")))
    return _unit(sums)


def nearest_class_means(features, labels, tested=None):
    """Returns the class whose mean is nearest to each image, by cosine.

    Use it as a classifier without training. The mean of a class is as in
    `class_mean_directions`; only classes that have images answer.

    Args:
        features: Float array of shape `(num_images, dim)`.
        labels: Integer array of shape `(num_images,)`, at least 0.
        tested: Float array of shape `(num_tested, dim)`; `None` (default) for
            the images themselves, each left out of the mean of its own class,
            which answers only where another image is left.

    Returns:
        Integer array, a label for each image that is told; `-1` where no
        class is left.

    Example:

    >>> x = [[1, 0], [1, 0.1], [0, 1], [0.1, 1]]
    >>> nearest_class_means(x, [0, 0, 3, 3]).tolist()
    [0, 0, 3, 3]
    >>> nearest_class_means(x, [0, 0, 3, 3], [[-1, 2]]).tolist()
    [3]
    """
    features, labels = np.asarray(features), np.asarray(labels)
    names, places = np.unique(labels, return_inverse=True)
    means = class_mean_directions(features, places, len(names))
    sums = np.zeros(means.shape)
    alone = tested is None
    if alone:
        tested = features
        for block in _blocks(len(features)):
            rows = _unit(features[block].astype("float64"))
            np.add.at(sums, places[block], rows)
    tested = np.asarray(tested)
    out = np.empty(len(tested), "int64")
    for block in _blocks(len(tested)):
        rows = _unit(tested[block].astype("float64"))
        alike = rows @ means.T
        alike[:, ~means.any(axis=1)] = -np.inf
        if alone:
            others = _unit(sums[places[block]] - rows)
            own = (rows * others).sum(axis=1)
            own[~others.any(axis=1)] = -np.inf
            alike[np.arange(len(rows)), places[block]] = own
        found = names[alike.argmax(axis=1)]
        out[block] = np.where(alike.max(axis=1) > -np.inf, found, -1)
    return out


def _blocks(count):
    return [slice(i, i + _BLOCK) for i in range(0, count, _BLOCK)]


def _unit(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 1e-12, lengths, 1.0) * (lengths > 1e-12)
