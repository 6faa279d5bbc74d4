"""Tests for fgkeras.mining.multi_similarity_pairs."""

import numpy as np

from fgkeras.mining import multi_similarity_pairs
from tests.mining.cases import pairs_of
from tests.mining.cases import random_case


def test_matches_loops():
    labels, d = random_case(5)
    s = 1.0 - d / 4.0
    found = map(np.asarray, multi_similarity_pairs(labels, s, epsilon=0.1))
    kept_p, kept_n = found
    for a in range(len(labels)):
        p, n = pairs_of(labels, a)
        near = max((s[a, j] for j in n), default=0)
        far = min((s[a, j] for j in p), default=0)
        expected = [j for j in p if n and s[a, j] - 0.1 < near]
        assert list(np.flatnonzero(kept_p[a])) == expected
        expected = [j for j in n if p and s[a, j] + 0.1 > far]
        assert list(np.flatnonzero(kept_n[a])) == expected
    assert kept_p.any()
    assert 0 < kept_n.sum() < (labels[:, None] != labels).sum()
