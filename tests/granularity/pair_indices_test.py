"""Tests for Gamma and the C index against all pairs in loops."""

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from fgkeras.granularity import baker_hubert_gamma
from fgkeras.granularity import c_index
from fgkeras.granularity import distances as distances_module


def by_definition(distances, labels):
    pairs = list(itertools.combinations(range(len(labels)), 2))
    within = [distances[p] for p in pairs if labels[p[0]] == labels[p[1]]]
    across = [distances[p] for p in pairs if labels[p[0]] != labels[p[1]]]
    signs = [np.sign(b - a) for a in within for b in across]
    gamma = sum(signs) / sum(abs(s) for s in signs)
    every = sorted(within + across)
    low, high = sum(every[: len(within)]), sum(every[-len(within) :])
    return gamma, (sum(within) - low) / (high - low)


@pytest.mark.parametrize("block", [30, 10**6])
@pytest.mark.parametrize("whole", [False, True])
def test_equal_the_definition(block, whole, monkeypatch):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, size=19)
    points = rng.normal(size=(19, 6)) + labels[:, None]
    if whole:  # many equal distances
        points = np.round(points[:, :2])
    monkeypatch.setattr(distances_module, "BLOCK_VALUES", block)
    expected = by_definition(cdist(points, points), labels)
    found = [
        index(points, labels, metric="euclidean")
        for index in (baker_hubert_gamma, c_index)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_extremes():
    points = np.array([[0.0], [1], [10], [11]])
    assert baker_hubert_gamma(points, [0, 0, 1, 1], metric="euclidean") == 1
    assert c_index(points, [0, 0, 1, 1], metric="euclidean") == 0
    assert c_index(points, [0, 1, 1, 0], metric="euclidean") > 0.9


@pytest.mark.parametrize("index", [baker_hubert_gamma, c_index])
def test_nothing_to_compare(index):
    with pytest.raises(ValueError, match="2 classes of one image each"):
        index(np.eye(2), [0, 1])
    with pytest.raises(ValueError, match="all distances equal"):
        index(np.ones((4, 2)), [0, 0, 1, 1])
