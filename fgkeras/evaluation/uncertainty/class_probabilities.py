"""Probabilities of classes, looked at before they are believed."""

import numpy as np

from fgkeras.evaluation.similarity import slices

_SLACK = 1e-3
_BLOCK_VALUES = 4_000_000


def check_probabilities(probabilities, *, sum_to_one=False):
    """Returns probabilities as an array, or says what is wrong with them.

    Args:
        probabilities: Float array of shape `(num_images, num_classes)`.
        sum_to_one: Bool, whether a row must add up to 1, as those of a softmax
            do and those of sigmoids do not. Defaults to `False`.

    Raises:
        ValueError: For another shape, no image or class, values outside 0..1,
            NaN, and rows that do not add up where they must.

    Example:

    >>> check_probabilities([[0.5, 0.5]], sum_to_one=True)
    array([[0.5, 0.5]])
    """
    found = np.asarray(probabilities)
    if found.ndim != 2 or not found.size or found.dtype.kind not in "fiu":
        raise ValueError(
            "probabilities must be numbers of shape (num_images, num_classes), "
            f"both at least 1. Received: probabilities.shape={found.shape}, "
            f"dtype={found.dtype}. Labels come first, probabilities second."
        )
    if found.dtype.kind != "f" or found.itemsize < 4:
        found = found.astype(np.float64)
    # In blocks, so that a memory-mapped array needs little memory.
    for part in slices(len(found), max(1, _BLOCK_VALUES // found.shape[1])):
        _check_block(found[part], part.start, sum_to_one)
    return found


def _check_block(block, start, sum_to_one):
    # A softmax in float32 may round to a little more than 1.
    wrong = ~((block >= 0) & (block <= 1 + 1e-6))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            "probabilities must lie in 0..1. Received: "
            f"probabilities[{start + row}, {column}]={block[row, column]}. "
            "Give what the softmax or the sigmoids make of the logits."
        )
    if sum_to_one:
        total = block.sum(axis=1, dtype=np.float64)
        off = np.flatnonzero(np.abs(total - 1) > _SLACK)
        if off.size:
            raise ValueError(
                "The probabilities of an image must add up to 1. Received: "
                f"a sum of {total[off[0]]:.4g} in row {start + off[0]}. Those "
                "of sigmoids do not: divide each row by its sum first."
            )
