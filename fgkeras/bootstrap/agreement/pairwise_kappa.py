"""Agreement of all labellers, by pairs, with its interval."""

import dataclasses

import numpy as np

from fgkeras.bootstrap.agreement.checked_votes import checked_votes
from fgkeras.bootstrap.agreement.cohen_kappa import kappa_of_tables

_BLOCK_VALUES = 2**22


@dataclasses.dataclass(frozen=True, eq=False)
class PairwiseKappa:
    """Cohen's kappa of every two labellers that share items, and their mean.

    Attributes:
        mean: Float, weighted by shared items; NaN where no pair has one.
        low: Float, lower end of its interval.
        high: Float, upper end.
        pairs: `int64 (num_pairs, 2)`, labellers, the smaller one first.
        kappas: `float64 (num_pairs,)`, NaN where it is not defined.
        shared: `int64 (num_pairs,)`, items that both have seen.

    Example:

    >>> votes = [[0, 3, 1], [0, 5, 1], [1, 3, 0], [1, 5, 0]]
    >>> found = pairwise_kappa(votes, num_items=2, num_classes=2)
    >>> found.pairs.tolist(), found.kappas.tolist(), found.shared.tolist()
    ([[3, 5]], [1.0], [2])
    """

    mean: float
    low: float
    high: float
    pairs: np.ndarray
    kappas: np.ndarray
    shared: np.ndarray


def pairwise_kappa(
    votes, *, num_items, num_classes, num_resamples=1000, level=0.95, seed=0
):
    """Returns Cohen's kappa of every two labellers and the mean of them.

        mean = sum_ab n_ab kappa_ab / sum_ab n_ab

    over pairs with shared items and a defined kappa. The interval is a
    percentile bootstrap over items: all votes on an item are drawn together,
    since they fall or stand together. It says how far other items would move
    the mean, not how far other labellers would; draws in which no pair is
    defined are left out.

    Args:
        votes: Integer array of shape `(num_votes, 3)`, rows of item, labeller
            and answer; one of a labeller on an item.
        num_items: Int.
        num_classes: Int at least 2.
        num_resamples: Int at least 1. Defaults to `1000`.
        level: Float in (0, 1). Defaults to `0.95`.
        seed: Int. Defaults to `0`.

    Returns:
        `PairwiseKappa`.

    Raises:
        ValueError: For votes that are no votes, or options out of range.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(0, 2, 200)
    >>> votes = [
    ...     [i, j, truth[i] if rng.random() < 0.9 else 1 - truth[i]]
    ...     for i in range(200)
    ...     for j in range(3)
    ... ]
    >>> found = pairwise_kappa(votes, num_items=200, num_classes=2)
    >>> bool(found.low < 0.64 < found.high)  # 2 x 0.9^2 + 2 x 0.1^2 - 1
    True

    Reference:
        Light, "Measures of response agreement for qualitative data",
        Psychological Bulletin 1971 (mean over pairs).
    """
    votes = checked_votes(votes, num_items=num_items, num_classes=num_classes)
    if num_resamples < 1 or not 0 < level < 1:
        raise ValueError(
            "num_resamples must be at least 1 and level between 0 and 1. "
            f"Received: num_resamples={num_resamples}, level={level}. Usual "
            "are 1000 and 0.95."
        )
    pairs, items, cells = _shared_answers(votes, num_classes)
    shared = np.array([len(i) for i in items], np.int64)
    tables = [np.bincount(c, minlength=num_classes**2) for c in cells]
    side = (-1, num_classes, num_classes)
    kappas = kappa_of_tables(np.reshape(tables, side) * 1.0)
    mean = _weighted_mean(kappas[None], shared[None])[0]
    draws = _resampled(
        items, cells, num_items, num_classes, num_resamples, seed
    )
    draws = draws[np.isfinite(draws)]
    low = high = float("nan")
    if len(draws) and np.isfinite(mean):
        tail = (1 - level) / 2
        low, high = map(float, np.quantile(draws, (tail, 1 - tail)))
    return PairwiseKappa(float(mean), low, high, pairs, kappas, shared)


def _shared_answers(votes, num_classes):
    """Pairs of labellers, the items both saw, both answers as one number."""
    labellers = np.unique(votes[:, 1])
    of = {j: votes[votes[:, 1] == j] for j in labellers.tolist()}
    pairs, items, cells = [], [], []
    for a, b in _two_of(labellers.tolist()):
        both, i, j = np.intersect1d(
            of[a][:, 0], of[b][:, 0], assume_unique=True, return_indices=True
        )
        if len(both):
            pairs.append((a, b))
            items.append(both)
            cells.append(of[a][i, 2] * num_classes + of[b][j, 2])
    return np.array(pairs, np.int64).reshape(-1, 2), items, cells


def _two_of(names):
    return [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]


def _weighted_mean(kappas, shared):
    """Means of the last axis over what is defined; NaN where nothing is."""
    weight = np.where(np.isfinite(kappas), shared, 0)
    total = (weight * np.nan_to_num(kappas)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / weight.sum(axis=1)


def _resampled(items, cells, num_items, num_classes, num_resamples, seed):
    """Means of resamples: how often each item was drawn weights its votes."""
    rng = np.random.default_rng(seed)
    if not items:
        return np.zeros(0)
    used = np.unique(np.concatenate(items))
    means = []
    step = max(1, _BLOCK_VALUES // len(used))
    shares = np.full(len(used), 1 / len(used))
    for start in range(0, num_resamples, step):
        size = min(step, num_resamples - start)
        times = rng.multinomial(len(used), shares, size=size)
        kappas, shared = [], []
        for both, cell in zip(items, cells, strict=True):
            drawn = times[:, np.searchsorted(used, both)]
            table = np.zeros((size, num_classes**2))
            for value in np.unique(cell):
                table[:, value] = drawn[:, cell == value].sum(axis=1)
            kappas.append(
                kappa_of_tables(table.reshape(-1, num_classes, num_classes))
            )
            shared.append(drawn.sum(axis=1))
        means.append(_weighted_mean(np.stack(kappas, 1), np.stack(shared, 1)))
    return np.concatenate(means)
