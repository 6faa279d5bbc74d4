"""A random part of what nobody would look at."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class AuditSlice:
    """What was drawn, and how likely it was.

    Attributes:
        positions: `int64 (num_drawn,)`, in random order.
        inclusion: Float in (0, 1], the chance of each picture below the
            threshold to be drawn: a drawn one stands for `1 / inclusion`.

    Example:

    >>> drawn = AuditSlice(np.array([4, 9]), 0.5)
    >>> len(drawn) / drawn.inclusion
    4.0
    """

    positions: np.ndarray
    inclusion: float

    def __len__(self):
        return len(self.positions)


def audit_slice(candidates, *, above=0.5, share=0.02, seed=0):
    """Draws a random share of what is not above the threshold.

    Without it nobody knows how many true ones the threshold leaves behind, or
    what a score of 0.4 means (`threshold_calibration`). It is drawn
    systematically: those below are put in random order within their predicted
    class, class after class, and every `1 / share`-th is taken from a random
    start on. So each has the same chance, and each class has its share but for
    one picture.

    Args:
        candidates: `Candidates`.
        above: Float in [0, 1), as of `threshold`; exactly that is below.
            Defaults to `0.5`.
        share: Float in (0, 1]. Defaults to `0.02`.
        seed: Int. Defaults to `0`.

    Returns:
        `AuditSlice`.

    Raises:
        ValueError: If options are out of range.

    Example:

    >>> from fgkeras.bootstrap.acquisition import Candidates
    >>> rows = np.tile([[0.4, 0.3, 0.3], [0.3, 0.4, 0.3]], (50, 1))
    >>> drawn = audit_slice(Candidates.of(rows), share=0.1)
    >>> np.bincount(drawn.positions % 2).tolist(), drawn.inclusion
    ([5, 5], 0.1)

    Reference:
        Cochran, "Sampling Techniques", 1977, chapter 8.
    """
    if not 0 <= above < 1 or not 0 < share <= 1:
        raise ValueError(
            "above must be at least 0 and below 1, share above 0 and at most "
            f"1. Received: above={above}, share={share}. Usual are 0.5 and "
            "0.02."
        )
    rng = np.random.default_rng(seed)
    (below,) = np.nonzero(~(candidates.scores > above))
    below = rng.permutation(below)
    below = below[np.argsort(candidates.classes[below], kind="stable")]
    # Picture k is drawn where a whole number lies in its share of the line.
    ends = np.floor(rng.random() + share * np.arange(len(below) + 1))
    drawn = below[np.diff(ends) > 0] if share < 1 else below
    return AuditSlice(rng.permutation(drawn), float(share))
