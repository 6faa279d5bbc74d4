"""Distances between images, computed a block at a time."""

import numpy as np

METRICS = ("euclidean", "unit_euclidean", "cosine", "precomputed")

# Values in one block of distances or of features: 64 MiB of float64.
BLOCK_VALUES = 8 * 2**20
# Below this share of the squared lengths a squared distance has cancelled too
# far and is taken from the difference of the vectors.
_CANCELLED = 1e-6
# Few enough dimensions to subtract vectors outright.
_FEW_DIMENSIONS = 4
_TILE = 1024


class Distances:
    """Distances between the images of a set, given by features or a matrix.

    | metric | distance of x and y |
    | --- | --- |
    | `euclidean` | `norm(x - y)` |
    | `unit_euclidean` | `norm(x / norm(x) - y / norm(y))` |
    | `cosine` | `1 - dot(x, y) / (norm(x) norm(y))` |
    | `precomputed` | `values[x, y]` |

    Products run in float64 on features moved to mean zero; distances that
    cancel are taken from differences, so that equal images are at distance 0
    and close ones keep nine digits. Blocks bound the memory: no full matrix
    and no float64 copy of the features is made.

    Args:
        values: `(num_images, dim)` features of any real dtype, or for
            `precomputed` a symmetric `(num_images, num_images)` matrix of
            distances >= 0 with a diagonal of 0, which may be memory-mapped.
        metric: String, one of the table. Defaults to `"unit_euclidean"`.

    Attributes:
        tolerance: Float, relative difference up to which two distances count
            as equal: 1e-9 for features, since the same distance computed in
            two places may differ in its last bits; 0 for a matrix.

    Raises:
        ValueError: if the metric is unknown, values are not finite, a length
            is 0 where it divides, or a matrix is none of distances.

    Example:

    >>> Distances([[0.0, 0.0], [3.0, 4.0]], "euclidean").block([0], [0, 1])
    array([[0., 5.]])
    """

    def __init__(self, values, metric="unit_euclidean"):
        if metric not in METRICS:
            raise ValueError(
                f"metric must be one of {', '.join(METRICS)}. Received: "
                f"metric={metric!r}."
            )
        values = np.asanyarray(values)
        if values.ndim != 2 or values.dtype.kind not in "biuf":
            raise ValueError(
                "Features must be one vector of numbers per image. Received: "
                f"shape={values.shape}, dtype={values.dtype}. Average feature "
                "maps over their positions first."
            )
        self.values, self.metric = values, metric
        self.tolerance = 0.0 if metric == "precomputed" else 1e-9
        if metric == "precomputed":
            self._check_matrix()
        else:
            self._measure()

    def __len__(self):
        return len(self.values)

    def row_blocks(self, num_columns):
        """Yields slices of images whose distances to `num_columns` fit."""
        width = max(1, num_columns)
        if self.metric != "precomputed":
            width = max(width, self.values.shape[1])
        step = max(1, BLOCK_VALUES // width)
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))

    def block(self, rows, columns):
        """Returns distances, float64 `(len(rows), len(columns))`.

        Args:
            rows: Integer array, images.
            columns: Integer array, images.
        """
        rows = np.asarray(rows, np.int64)
        columns = np.asarray(columns, np.int64)
        if self.metric == "precomputed":
            return self.values[np.ix_(rows, columns)].astype(np.float64)
        out = np.empty((len(rows), len(columns)))
        left = self._points(rows)
        step = max(1, BLOCK_VALUES // max(1, self.values.shape[1]))
        for start in range(0, len(columns), step):
            part = columns[start : start + step]
            right = left if np.array_equal(part, rows) else self._points(part)
            self._fill(left, right, out[:, start : start + step])
        return out

    def _points(self, indices):
        points = self.values[indices].astype(np.float64)
        if self.metric != "euclidean":
            points /= self._lengths[indices, None]
        elif self._center is not None:
            points -= self._center
        return points

    def _fill(self, left, right, out):
        """Writes distances of two groups of points, a tile at a time."""
        direct = left.shape[1] <= _FEW_DIMENSIONS
        left_squares = np.einsum("ij,ij->i", left, left)
        right_squares = np.einsum("ij,ij->i", right, right)
        for start in range(0, len(right), _TILE):
            tile = out[:, start : start + _TILE]
            points = right[start : start + _TILE]
            if direct:
                tile[:] = 0.0
                for x, y in zip(left.T, points.T, strict=True):
                    tile += (x[:, None] - y) ** 2
            else:
                squares = right_squares[start : start + _TILE]
                np.matmul(left, points.T, out=tile)
                tile *= -2.0
                tile += left_squares[:, None]
                tile += squares
                _refine(left, points, left_squares, squares, tile)
            if self.metric == "cosine":
                tile *= 0.5
            else:
                np.sqrt(tile, out=tile)

    def _measure(self):
        """Checks features and finds their lengths or their mean."""
        count, dimensions = self.values.shape
        self._center = self._lengths = None
        total = np.zeros(dimensions)
        lengths = np.empty(count)
        step = max(1, BLOCK_VALUES // max(1, dimensions))
        for start in range(0, count, step):
            part = self.values[start : start + step].astype(np.float64)
            total += part.sum(axis=0)
            lengths[start : start + step] = np.sqrt(
                np.einsum("ij,ij->i", part, part)
            )
        if not np.isfinite(lengths).all():
            raise ValueError(
                "Features must be finite. Received: NaN, infinity or an "
                "overflowing length in the features of image "
                f"{np.argmin(np.isfinite(lengths))}."
            )
        if self.metric != "euclidean":
            if count and lengths.min() == 0.0:
                raise ValueError(
                    "A vector of zeros has no direction. Received: "
                    f"metric={self.metric!r} and zeros for image "
                    f"{np.argmin(lengths)}. Leave such images out, or use "
                    "metric='euclidean'."
                )
            self._lengths = lengths
        elif dimensions > _FEW_DIMENSIONS:
            self._center = total / max(1, count)

    def _check_matrix(self):
        """Checks that a matrix is one of distances, a block at a time."""
        count, width = self.values.shape
        if count != width:
            raise ValueError(
                "A matrix of distances must be square. Received: "
                f"shape={self.values.shape} with metric='precomputed'. For "
                "features use one of the other metrics."
            )
        for rows in self.row_blocks(count):
            part = self.values[rows]
            mirror = self.values[:, rows].T
            own = part[np.arange(len(part)), np.arange(rows.start, rows.stop)]
            if not np.isfinite(part).all() or (part < 0).any():
                problem = "NaN, infinite or negative values"
            elif own.any():
                problem = "a diagonal other than 0"
            elif not np.allclose(part, mirror, rtol=1e-5, atol=1e-12):
                problem = "values[i, j] other than values[j, i]"
            else:
                continue
            raise ValueError(
                "A matrix of distances must be finite, at least 0, 0 on its "
                f"diagonal and symmetric. Received: {problem} in rows "
                f"{rows.start} to {rows.stop - 1}."
            )


def _refine(left, right, left_squares, right_squares, out):
    """Replaces squared distances that cancelled by sums of squares."""
    bound = _CANCELLED * (left_squares + right_squares.max())
    i, j = np.nonzero(out < bound[:, None])
    close = out[i, j] < _CANCELLED * (left_squares[i] + right_squares[j])
    i, j = i[close], j[close]
    step = max(1, BLOCK_VALUES // left.shape[1])
    for start in range(0, len(i), step):
        part = slice(start, start + step)
        difference = left[i[part]] - right[j[part]]
        out[i[part], j[part]] = np.einsum("ij,ij->i", difference, difference)
