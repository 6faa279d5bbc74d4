"""Tests for fgkeras.mining.semi_hard."""

import numpy as np
import pytest

from fgkeras.mining import semi_hard_band
from fgkeras.mining import semi_hard_per_anchor
from fgkeras.mining import semi_hard_per_pair
from tests.mining.cases import pairs_of
from tests.mining.cases import random_case


def beyond(d, a, reach, negatives):
    """The nearest negative farther than `reach`, or the farthest."""
    farther = [n for n in negatives if d[a, n] > reach]
    if farther:
        return min(d[a, n] for n in farther)
    return max(d[a, n] for n in negatives)


@pytest.mark.parametrize("ties", [False, True])
def test_per_pair_matches_loops(ties):
    labels, d = random_case(4, ties=ties)
    pairs, chosen = map(np.asarray, semi_hard_per_pair(labels, d))
    for a in range(len(labels)):
        positives, negatives = pairs_of(labels, a)
        assert set(np.flatnonzero(pairs[a])) == set(positives)
        for p in positives:
            assert labels[chosen[a, p]] != labels[a]
            expected = beyond(d, a, d[a, p], negatives)
            assert d[a, chosen[a, p]] == expected
    assert (chosen[~pairs] == 0).all()


@pytest.mark.parametrize("ties", [False, True])
def test_per_anchor_matches_loops(ties):
    labels, d = random_case(4, ties=ties)
    positives, negatives = map(np.asarray, semi_hard_per_anchor(labels, d))
    for a in range(len(labels)):
        p, n = pairs_of(labels, a)
        if not p:
            assert not positives[a].any()
            assert not negatives[a].any()
            continue
        reach = max(d[a, j] for j in p)
        assert positives[a].sum() == negatives[a].sum() == 1
        assert d[a][positives[a]] == reach
        assert labels[negatives[a]] != labels[a]
        assert d[a][negatives[a]] == beyond(d, a, reach, n)


def test_band_needs_a_width():
    with pytest.raises(ValueError, match="margin=0.0"):
        semi_hard_band(np.array([0, 0]), np.ones((2, 2)), margin=0.0)


def test_without_triplets():
    for labels in ([0, 0, 0], [0, 1, 2], [4]):
        d = np.ones((len(labels),) * 2, "float32")
        labels = np.array(labels)
        assert not np.asarray(semi_hard_per_pair(labels, d)[0]).any()
        for mask in semi_hard_per_anchor(labels, d):
            assert not np.asarray(mask).any()
        for counts in semi_hard_band(labels, d):
            assert not np.asarray(counts).any()
