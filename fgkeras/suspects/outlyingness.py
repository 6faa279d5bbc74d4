"""Pictures that are like no other of the set."""

import numpy as np

from fgkeras.suspects.checked import standard_units
from fgkeras.suspects.checked import unit_rows

_BLOCK_VALUES = 2**25
# In usual deviations of the set.
_LIMIT = 5.0


def outlyingness(features, *, count=5, progress=None):
    """Scores how far each image is from those that are nearest to it.

        score = z(-mean cosine to the `count` nearest images) / 5

    with `z` the distance from the median in usual deviations. Use it for what
    does not belong into the set at all; labels do not matter.

    Args:
        features: Float array of shape `(num_images, dim)`, finite.
        count: Int at least 1, neighbours; all others where there are fewer.
            Defaults to `5`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        `float64` array of shape `(num_images,)`, from 1 on a suspect.

    Raises:
        ValueError: For an array that does not fit, fewer than two images, or a
            `count` below 1.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> x = 1 + 0.2 * rng.uniform(size=(200, 16))
    >>> x[3, ::2] *= -1
    >>> outlyingness(x).argmax().item(), (outlyingness(x) > 1).sum().item()
    (3, 1)
    """
    x = unit_rows(features)
    if len(x) < 2 or count < 1:
        raise ValueError(
            "An outlying image needs others to lie outside of. Received: "
            f"{len(x)} images, count={count}."
        )
    count = min(count, len(x) - 1)
    alike = np.empty(len(x))
    step = max(1, min(2048, _BLOCK_VALUES // len(x)))
    for start in range(0, len(x), step):
        rows = np.arange(start, min(start + step, len(x)))
        block = x[rows] @ x.T
        block[np.arange(len(rows)), rows] = -np.inf
        near = np.partition(block, len(x) - count, axis=1)[:, -count:]
        alike[rows] = near.mean(axis=1, dtype=np.float64)
        if progress:
            progress(int(rows[-1]) + 1, len(x))
    return standard_units(-alike) / _LIMIT
