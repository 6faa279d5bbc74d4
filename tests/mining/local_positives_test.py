"""Tests for fgkeras.mining.local_positives."""

import math

import numpy as np
import pytest

from fgkeras.mining import local_positives
from tests.mining.cases import pairs_of
from tests.mining.cases import random_case


@pytest.mark.parametrize("percent", [10, 60, 100])
def test_keeps_the_nearest_share(percent):
    labels, d = random_case(6, size=30)
    kept = np.asarray(local_positives(labels, d, fraction=percent / 100))
    for a in range(len(labels)):
        p, _ = pairs_of(labels, a)
        number = math.ceil(percent * len(p) / 100)
        nearest = sorted(p, key=lambda j: d[a, j])[:number]
        assert set(np.flatnonzero(kept[a])) == set(nearest)


def test_ties_stay_together():
    d = np.ones((5, 5), "float32")
    kept = np.asarray(local_positives(np.zeros(5, int), d, fraction=0.5))
    assert kept.sum() == 20


@pytest.mark.parametrize("fraction", [0.0, 1.5])
def test_range(fraction):
    with pytest.raises(ValueError, match=f"fraction={fraction}"):
        local_positives(np.zeros(2, int), np.ones((2, 2)), fraction=fraction)


def test_sixty_percent_of_25_are_15():
    # In float32 the product ends above 15.
    d = np.random.default_rng(0).random((26, 26)).astype("float32")
    kept = np.asarray(local_positives(np.zeros(26, int), d))
    np.testing.assert_array_equal(kept.sum(axis=-1), 15)
