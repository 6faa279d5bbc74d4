"""Disjoint pairs and triplets of a batch against plain loops."""

import numpy as np
import pytest

from fgkeras.mining.batch_tuples import batch_pairs
from fgkeras.mining.batch_tuples import batch_triplets
from tests.harness import to_numpy


def pairs_by_hand(labels):
    waiting, pairs = {}, []
    for i, label in enumerate(labels):
        if label in waiting:
            pairs.append((waiting.pop(label), i))
        else:
            waiting[label] = i
    return sorted(pairs)


def triplets_by_hand(labels):
    out = []
    for a, p in pairs_by_hand(labels):
        for step in range(1, len(labels)):
            n = (p + step) % len(labels)
            if labels[n] != labels[a]:
                out.append((a, p, n))
                break
    return out


def chosen(tuples):
    *rows, valid = (to_numpy(x) for x in tuples)
    return [tuple(r[i] for r in rows) for i in np.flatnonzero(valid)]


BATCHES = [
    [0, 0, 1, 1, 2, 2],
    [0, 1, 2, 0, 1, 2, 0],
    [5, 5, 5, 5, 3, 5],
    [0, 1, 2, 3],
    [4, 4, 4],
    [1],
    [0, 0, 9, 1, 1, 8, 2, 2, 7],
    list(np.random.default_rng(0).integers(0, 6, 40)),
]


@pytest.mark.parametrize("labels", BATCHES, ids=lambda x: str(len(x)))
def test_against_loops(labels):
    labels = np.array(labels)
    assert chosen(batch_pairs(labels)) == pairs_by_hand(labels)
    assert chosen(batch_triplets(labels)) == triplets_by_hand(labels)
    for rows in batch_triplets(labels):
        assert rows.shape == (len(labels) // 2,)


def test_rows_in_triplets_are_taken_as_they_are():
    rows = chosen(batch_triplets(np.array([0, 0, 9, 1, 1, 8, 2, 2, 7])))
    assert rows == [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
