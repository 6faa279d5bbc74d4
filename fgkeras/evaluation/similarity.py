"""Similarities of queries to a gallery: fast in float32, exact on demand."""

import numpy as np

_UNIT = 2.0**-24  # relative rounding error of float32
_ROWS = 8192
_HUGE = 1e18
METRICS = ("cosine", "euclidean")


class Similarity:
    """Scores queries against a gallery, larger being nearer.

        cosine:     x . y / (|x| |y|), 0 where a vector is zero
        euclidean:  -|x - y|^2, up to a positive factor

    `block` is a float32 matrix product, off by at most `slack`. `exact` scores
    single pairs in float64, always summed in the same order, so that equal
    vectors tie exactly. A threshold on `block`, widened by `slack`, followed by
    `exact` gives the order that float64 would.

    Args:
        gallery: Float array of shape `(num_gallery, dim)`, finite; kept, not
            copied, and read in slices, so it may be memory-mapped.
        metric: `"cosine"` or `"euclidean"`. Defaults to `"cosine"`.

    Raises:
        ValueError: for another shape or metric, and NaN or infinity.

    Example:

    >>> similarity = Similarity([[3.0, 0.0], [0.0, 2.0]], "cosine")
    >>> similarity.block(np.array([[2.0, 0.0]])).tolist()
    [[1.0, 0.0]]
    """

    def __init__(self, gallery, metric="cosine"):
        if metric not in METRICS:
            raise ValueError(
                f"metric must be one of {', '.join(METRICS)}. Received: "
                f"metric={metric!r}. Use the one that the training compared "
                "embeddings by."
            )
        self.metric = metric
        self.gallery = check_embeddings("embeddings", gallery)
        self._center, self._scale = 0.0, 1.0
        if metric == "euclidean":
            # Distances do not change; rounding and overflow do.
            self._center = self.gallery.mean(axis=0, dtype=np.float64)
            largest = max(
                np.sqrt(_squares(self._rows(part)).max())
                for part in slices(len(self.gallery), _ROWS)
            )
            # A power of two: no rounding, ties stay ties.
            self._scale = 2.0 ** -np.ceil(np.log2(largest or 1.0))
        wide = self.gallery.shape[1] + (metric == "euclidean")
        self._keys = np.empty((len(self.gallery), wide), np.float32)
        for part in slices(len(self.gallery), _ROWS):
            rows = self._rows(part)
            self._keys[part] = self._extended(rows, -0.5 * _squares(rows))
        self._largest = np.sqrt(_squares(self._keys).max())

    def block(self, queries, out=None):
        """Returns float32 scores of shape `(num_queries, num_gallery)`."""
        queries = self._prepared(queries)
        if np.abs(queries).max() > _HUGE:
            raise ValueError(
                "Queries must be of the gallery's order of size. Received: "
                f"one {np.abs(queries).max():.0e} times as far from the "
                "gallery's mean as the gallery reaches. Use one model, or "
                'metric="cosine".'
            )
        queries = queries.astype(np.float32)
        return np.matmul(queries, self._keys.T, out=out)

    def slack(self, queries):
        """Returns how far `block` may be off, shape `(num_queries,)`."""
        norm = np.sqrt(_squares(self._prepared(queries)))
        wide = self._keys.shape[1] + 4
        return wide * _UNIT * norm * max(self._largest, _UNIT)

    def exact(self, queries, rows):
        """Returns float64 scores of pairs.

        Args:
            queries: Float array of shape `(num_pairs, dim)`.
            rows: Integer array of shape `(num_pairs,)`, rows of the gallery.
        """
        result = np.empty(len(rows))
        for part in slices(len(rows), _ROWS):
            left, right = queries[part], self.gallery[rows[part]]
            if self.metric == "cosine":
                both = self._plain(left) * self._plain(right)
                result[part] = both.sum(axis=1)
            else:
                gap = np.asarray(left, np.float64) - right
                result[part] = -_squares(gap * self._scale)
        return result

    def exact_pairs(self, first, second):
        """Returns float64 scores of pairs of gallery rows."""
        result = np.empty(len(first))
        for part in slices(len(first), _ROWS):
            result[part] = self.exact(self.gallery[first[part]], second[part])
        return result

    def block_keys(self):
        """Returns what `block` multiplies by, float32, a row per image."""
        return self._keys

    def _rows(self, part):
        return self._plain(self.gallery[part])

    def _plain(self, vectors):
        # In C order, whatever comes: sums of equal rows are then equal.
        vectors = np.array(vectors, np.float64, order="C")
        if self.metric == "euclidean":
            return (vectors - self._center) * self._scale
        largest = np.abs(vectors).max(axis=1, keepdims=True)
        vectors = vectors / np.where(largest > 0, largest, 1.0)
        norm = np.sqrt(_squares(vectors))[:, None]
        return vectors / np.where(norm > 0, norm, 1.0)

    def _prepared(self, queries):
        vectors = self._plain(queries)
        return self._extended(vectors, np.ones(len(vectors)))

    def _extended(self, vectors, last):
        """Distances as a product: (x, 1) . (y, -|y|^2 / 2)."""
        if self.metric == "cosine":
            return vectors
        return np.concatenate([vectors, last[:, None]], axis=1)


def check_embeddings(name, values):
    """Returns an array of shape `(num_images, dimensions)`, or says what is
    wrong with it.

    Args:
        name: String, for the message.
        values: Array-like of finite real numbers.

    Raises:
        ValueError: for another shape, no images, NaN or infinity.

    Example:

    >>> check_embeddings("x", [[1, 2]]).shape
    (1, 2)
    """
    values = np.asanyarray(values)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "fiub":
        raise ValueError(
            f"{name} must be real numbers of shape (num_images, dimensions), "
            f"both at least 1. Received: {name}.shape={values.shape}, dtype="
            f"{values.dtype}. Vectors come first, labels second; flatten "
            "feature maps or pool them."
        )
    for part in slices(len(values), _ROWS):
        bad = ~np.isfinite(values[part]).all(axis=1)
        if bad.any():
            row = part.start + int(bad.argmax())
            raise ValueError(
                f"{name} must be finite. Received: {name}[{row}] with NaN or "
                "infinity. A model that diverged gives NaN: train with a lower "
                "learning rate."
            )
    return values


def check_integers(name, labels, num_images):
    """Returns labels as int64 of shape `(num_images,)`; any whole numbers.

    Args:
        name: String, for the message.
        labels: Array-like.
        num_images: Int.

    Raises:
        ValueError: for another shape, for booleans, strings and half precision,
            or values that are not whole.

    Example:

    >>> check_integers("labels", [7, -1], 2)
    array([ 7, -1])
    """
    labels = np.asarray(labels)
    # Half precision merges neighbouring classes, float32 does from 2**24 on.
    whole = labels.dtype.kind in "iu" or (
        labels.dtype.name in ("float32", "float64")
        and (labels == np.floor(labels)).all()
        and (np.abs(labels) < 2.0 ** (24 if labels.itemsize == 4 else 53)).all()
    )
    if labels.shape != (num_images,) or not whole:
        raise ValueError(
            f"{name} must be one whole number per image. Received: "
            f"{name}.shape={labels.shape}, dtype={labels.dtype} for "
            f"{num_images} images. Convert names to class indices."
        )
    return labels.astype(np.int64)


def slices(count, step):
    """Yields slices that cover `0..count - 1`, each of at most `step`.

    Example:

    >>> list(slices(3, 2))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def _squares(vectors):
    return np.square(vectors, dtype=np.float64).sum(axis=1)
