"""`known_vectors.npz` of a run: what its training images look like."""

import dataclasses

import numpy as np

from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import damaged
from fgkeras.training.saved_arrays import load_arrays

FILE = "known_vectors.npz"
# Most vectors, and most bytes of them, that a run keeps.
_VECTORS, _BYTES = 20_000, 64_000_000


@dataclasses.dataclass(frozen=True)
class KnownVectors:
    """Vectors of training images, and how near calibration images are.

    Args:
        vectors: Float32 array of shape `(num_vectors, dim)`, of length 1.
        calibration: Float32 array of shape `(num_images,)`, the cosine of each
            calibration image to the nearest vector that is not its own.
    """

    vectors: np.ndarray
    calibration: np.ndarray


def read_known_vectors(folder):
    """Returns the `KnownVectors` that a run keeps, or `None`.

    Args:
        folder: The `RunFolder`.

    Raises:
        ValueError: If the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return None
    found = load_arrays(path, AGAIN, ("vectors", "calibration"))
    vectors, near = found["vectors"], found["calibration"]
    if vectors.ndim != 2 or near.ndim != 1 or not len(vectors):
        raise damaged(path, "its arrays are of another shape")
    for values in (vectors, near):
        if values.dtype.kind != "f" or not np.isfinite(values).all():
            raise damaged(path, "its values are not finite numbers")
    return KnownVectors(vectors, near)


def places_kept(labels, dim, seed=0):
    """Returns which images' vectors are kept, so that no class is without.

    All where there is room; else drawn, as many of each class as can be.

    Args:
        labels: Integer array of shape `(num_images,)`.
        dim: Int, numbers of a vector.
        seed: Int, of the draw. Defaults to `0`.

    Returns:
        Integer array, rising.

    Example:

    >>> places_kept([0, 0, 1], 8).tolist()
    [0, 1, 2]
    """
    labels = np.asarray(labels)
    most = max(1, min(_VECTORS, _BYTES // (4 * dim)))
    if len(labels) <= most:
        return np.arange(len(labels))
    drawn = np.random.default_rng(seed).permutation(len(labels))
    order = drawn[np.argsort(labels[drawn], kind="stable")]
    starts = np.searchsorted(labels[order], labels[order])
    rank = np.arange(len(order)) - starts
    return np.sort(order[np.argsort(rank, kind="stable")[:most]])
