"""Principal components: where features vary most."""

import numpy as np

from fgkeras.ops.finite import check_finite

# The smaller side of the features up to which all components are found.
_WHOLE = 4096
_EXTRA, _PASSES = 32, 6
_BLOCK = 8192


def principal_components(features, dim, *, seed=0):
    """Returns the mean of features and the directions they vary most along.

    Use it to shorten features, or to start an embedding: `(x - mean) @ axes`.
    The directions are the eigenvectors of the covariance with the largest
    eigenvalues, each with the sign that makes its largest part positive.
    Beyond the rank of the features there are none, and directions drawn at
    random take their place, at right angles to all others as long as there are
    such. Exact in float64 up to a smaller side of 4096, beyond that by
    randomized subspace iteration.

    Args:
        features: Real array of shape `(num_images, channels)`, finite.
        dim: Int at least 1, number of directions.
        seed: Int, of the directions drawn at random. Defaults to `0`.

    Returns:
        Tuple of `float64` arrays: the mean, of shape `(channels,)`, and the
        directions, of length 1, of shape `(channels, dim)`.

    Raises:
        ValueError: If `features` is no finite matrix with a row, or `dim` is
            below 1.

    Example:

    >>> import numpy as np
    >>> x = np.array([[0.0, 1.0], [4.0, 1.0], [8.0, 1.0]])
    >>> mean, axes = principal_components(x, 1)
    >>> mean.tolist(), axes.round(6).tolist()
    ([4.0, 1.0], [[1.0], [0.0]])

    References:
        Pearson, "On lines and planes of closest fit to systems of points in
        space", 1901; Halko et al., "Finding structure with randomness", 2011
        (subspace iteration).
    """
    features = np.asarray(features)
    if features.ndim != 2 or not features.size or int(dim) != dim or dim < 1:
        raise ValueError(
            "Principal components need a matrix with a row per image, and "
            f"`dim` a whole number of at least 1. Received: shape "
            f"{features.shape}, dim={dim}."
        )
    check_finite("features", features)
    dim, rng = int(dim), np.random.default_rng(seed)
    mean = features.mean(axis=0, dtype="float64")
    axes = _axes(features, mean, dim, rng)
    large = np.argmax(np.abs(axes), axis=0)
    signs = np.sign(axes[large, np.arange(axes.shape[1])])
    return mean, _completed(axes * signs, dim, rng)


def _axes(features, mean, dim, rng):
    """Directions with variance, at most `dim`, largest first."""
    count, channels = features.shape
    if min(count, channels) > _WHOLE and dim + _EXTRA < _WHOLE:
        basis = rng.standard_normal((channels, dim + _EXTRA))
        for _ in range(_PASSES):
            basis = np.linalg.qr(basis)[0]
            basis = _scatter_times(features, mean, basis)
        basis = np.linalg.qr(basis)[0]
        small = basis.T @ _scatter_times(features, mean, basis)
        values, vectors = np.linalg.eigh((small + small.T) / 2)
        found = basis @ vectors
    elif count < channels:
        x = features - mean
        values, vectors = np.linalg.eigh(x @ x.T)
        found = x.T @ vectors
        length = np.linalg.norm(found, axis=0)
        found = found / np.maximum(length, np.finfo("float64").tiny)
    else:
        values, found = np.linalg.eigh(_scatter_times(features, mean))
    values, found = values[::-1], found[:, ::-1]
    # As numpy.linalg.matrix_rank of float32 features has it, squared.
    least = (max(features.shape) * np.finfo("float32").eps) ** 2
    rank = int(np.sum(values > max(values[0], 0.0) * least))
    return found[:, : min(rank, dim, count - 1)]


def _scatter_times(features, mean, matrix=None):
    """The scatter of the features times a matrix, a block of rows at a time."""
    out = 0.0
    for start in range(0, len(features), _BLOCK):
        x = features[start : start + _BLOCK] - mean
        out = out + x.T @ (x if matrix is None else x @ matrix)
    return out


def _completed(axes, dim, rng):
    """Adds directions drawn at random until there are `dim`."""
    missing = dim - axes.shape[1]
    if not missing:
        return axes
    drawn = rng.standard_normal((len(axes), missing))
    free = min(missing, len(axes) - axes.shape[1])
    # Twice, since the first leaves what rounding left.
    for _ in range(2):
        drawn[:, :free] -= axes @ (axes.T @ drawn[:, :free])
        drawn[:, :free] = np.linalg.qr(drawn[:, :free])[0]
    drawn /= np.linalg.norm(drawn, axis=0)
    return np.concatenate([axes, drawn], axis=1)
