"""Tests for fgkeras.mining.batch_hard."""

import numpy as np

from fgkeras.mining import batch_hard
from tests.mining.cases import pairs_of
from tests.mining.cases import random_case


def test_matches_loops():
    labels, d = random_case(0)
    positives, negatives = map(np.asarray, batch_hard(labels, d))
    for a in range(len(labels)):
        p, n = pairs_of(labels, a)
        hard_p, hard_n = (
            np.flatnonzero(positives[a]),
            np.flatnonzero(negatives[a]),
        )
        if p and n:
            assert list(hard_p) == [max(p, key=lambda j: d[a, j])]
            assert list(hard_n) == [min(n, key=lambda j: d[a, j])]
        else:
            assert not hard_p.size
            assert not hard_n.size


def test_without_triplets():
    for labels in ([0, 0, 0], [0, 1, 2], [4]):
        d = np.ones((len(labels),) * 2, "float32")
        for mask in batch_hard(np.array(labels), d):
            assert not np.asarray(mask).any()
