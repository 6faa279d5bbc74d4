"""Pairs of pictures that are one picture, saved again, resized or mirrored."""

import dataclasses

import numpy as np

from fgkeras.suspects.blank import blankness
from fgkeras.suspects.blank import checked_thumbnails

_BLOCK_VALUES = 2**25
# Correlation of gray levels: below are few copies of any saving that was tried.
_LIMIT = 0.95
_FIELDS = 4  # To a side.


@dataclasses.dataclass(frozen=True, eq=False)
class NearCopies:
    """Pairs of pictures, the surest first.

    Attributes:
        pairs: `int64 (num_pairs, 2)`, positions, the smaller one first.
        scores: `float64 (num_pairs,)`, from 1 on, up to 100.
        mirrored: `bool (num_pairs,)`, whether one is the other's mirror image.

    Example:

    >>> pictures = np.random.default_rng(0).uniform(0, 255, (3, 16, 16))
    >>> pictures[1] = pictures[2]
    >>> found = near_copies(pictures)
    >>> len(found), found.pairs.tolist(), found.scores.round().tolist()
    (1, [[1, 2]], [100.0])
    """

    pairs: np.ndarray
    scores: np.ndarray
    mirrored: np.ndarray

    def __len__(self):
        return len(self.pairs)


def near_copies(thumbnails, *, max_pairs=100_000, progress=None):
    """Finds pictures whose small gray versions are the same but for little.

        score = 0.05 / max(1 - r, (1 - q) / 4)

    with `r` the correlation of the gray levels, as they are or mirrored left to
    right, and `q` that of their detail, what is left without the plane through
    each of 4 x 4 fields: two skies are alike in all but that. Use thumbnails of
    16 x 16 pixels of the whole picture: saving as JPEG, other sizes and
    mirroring leave them nearly as they were, whereas two photographs of one
    thing differ.
    Not found are copies that were cropped, turned or overlaid.
    Pictures that show nothing are all alike and left out (`blankness`).

    Args:
        thumbnails: Array of shape `(num_images, height, width)`, gray levels
            from 0 to 255; sides that 4 divides.
        max_pairs: Int, the surest so many are kept; a set in which all is
            alike has pairs without end. Defaults to `100000`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `NearCopies`.

    Raises:
        ValueError: For thumbnails of another shape.

    Example:

    >>> pictures = np.random.default_rng(0).uniform(0, 255, (3, 16, 16))
    >>> pictures[2] = 0.9 * pictures[0][:, ::-1] + 10
    >>> found = near_copies(pictures)
    >>> found.pairs.tolist(), found.mirrored.tolist()
    ([[0, 2]], [True])
    """
    thumbnails = checked_thumbnails(thumbnails)
    if any(side % _FIELDS for side in thumbnails.shape[1:]):
        raise ValueError(
            "The sides of thumbnails must be divided by 4. Received: "
            f"thumbnails.shape={thumbnails.shape}. Usual is 16 x 16."
        )
    (shown,) = np.nonzero(blankness(thumbnails) < 1)
    thumbnails = thumbnails[shown]
    plain = _standardized(thumbnails)
    turned = _standardized(thumbnails[:, :, ::-1])
    fine = _detail(thumbnails)
    fine_turned = _detail(thumbnails[:, :, ::-1])
    parts, kept = [np.empty((0, 4))], 0
    step = max(1, min(2048, _BLOCK_VALUES // max(len(shown), 1)))
    for start in range(0, len(shown), step):
        rows = slice(start, min(start + step, len(shown)))
        alike = plain[rows] @ plain[start:].T
        mirror = plain[rows] @ turned[start:].T
        best = np.maximum(alike, mirror)
        i, j = np.nonzero(best >= _LIMIT)
        later = j > i  # Each pair once; both are counted from `start` on.
        i, j = i[later], j[later]
        turn = mirror[i, j] > alike[i, j]
        first, second = i + start, j + start
        other = np.where(turn[:, None], fine_turned[second], fine[second])
        detail = np.einsum("ij,ij->i", fine[first], other)
        sure = np.minimum(best[i, j], (3 + detail) / 4)
        found = np.stack([sure, first, second, turn], axis=1)
        parts.append(found[sure >= _LIMIT])
        kept += len(parts[-1])
        if kept > 2 * max_pairs:
            parts = [_surest(np.concatenate(parts), max_pairs)]
            kept = len(parts[0])
        if progress:
            progress(rows.stop, len(shown))
    rows = _surest(np.concatenate(parts), max_pairs)
    scores = (1 - _LIMIT) / np.maximum(1 - rows[:, 0], (1 - _LIMIT) / 100)
    pairs = shown[rows[:, 1:3].astype(np.int64)].reshape(-1, 2)
    return NearCopies(pairs, scores, rows[:, 3] > 0)


def _surest(rows, count):
    """The rows of the highest correlation, of equal ones the first."""
    order = np.lexsort((rows[:, 2], rows[:, 1], -rows[:, 0]))
    return rows[order[:count]]


def _standardized(thumbnails):
    """Gray levels of mean 0 and length 1, one row per picture."""
    flat = thumbnails.reshape(
        len(thumbnails), int(np.prod(thumbnails.shape[1:]))
    )
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _detail(thumbnails):
    """The same of what differs from the plane of each of 4 x 4 fields."""
    count, height, width = thumbnails.shape
    fields = thumbnails.reshape(
        count, _FIELDS, height // _FIELDS, _FIELDS, width // _FIELDS
    )
    fields = fields - fields.mean(axis=(2, 4), keepdims=True)
    for axis in (2, 4):
        slope = np.linspace(-1, 1, fields.shape[axis], dtype=np.float32)
        slope = slope / max(np.square(slope).mean() ** 0.5, 1e-6)
        slope = slope.reshape([-1 if a == axis else 1 for a in range(5)])
        tilt = (fields * slope).mean(axis=(2, 4), keepdims=True)
        fields = fields - tilt * slope
    return _standardized(fields.reshape(thumbnails.shape))
