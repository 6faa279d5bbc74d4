"""Tests for fgkeras.mining.violating."""

import numpy as np
import pytest

from fgkeras.mining import violating_counts
from fgkeras.mining import violating_triplets
from tests import harness
from tests.mining.cases import pairs_of
from tests.mining.cases import random_case


def triplets(labels):
    for a in range(len(labels)):
        positives, negatives = pairs_of(labels, a)
        for p in positives:
            for n in negatives:
                yield a, p, n


@pytest.mark.parametrize("margin", [0.3, 0.0, -0.2])
def test_triplets_match_loops(margin):
    labels, d = random_case(1)
    expected = {
        (a, p, n)
        for a, p, n in triplets(labels)
        if d[a, p] - d[a, n] + np.float32(margin) > 0
    }
    found = np.argwhere(violating_triplets(labels, d, margin=margin))
    assert {tuple(t) for t in found.tolist()} == expected
    assert expected


@pytest.mark.parametrize("margin", [0.3, 0.0])
def test_counts_are_sums_of_triplets(margin):
    labels, d = random_case(1)
    mask = np.asarray(violating_triplets(labels, d, margin=margin))
    positive, negative = violating_counts(labels, d, margin=margin)
    np.testing.assert_array_equal(positive, mask.sum(axis=2))
    np.testing.assert_array_equal(negative, mask.sum(axis=1))


@pytest.mark.parametrize("ties", [False, True])
def test_semi_hard_counts(ties):
    labels, d = random_case(2, ties=ties)
    positive, negative = np.zeros_like(d), np.zeros_like(d)
    for a, p, n in triplets(labels):
        if d[a, p] < d[a, n] < d[a, p] + np.float32(0.7):
            positive[a, p] += 1
            negative[a, n] += 1
    found = violating_counts(labels, d, margin=0.7, semi_hard=True)
    np.testing.assert_array_equal(found[0], positive)
    np.testing.assert_array_equal(found[1], negative)
    assert positive.any()


def test_counts_carry_value_and_gradient_of_the_hinge():
    labels, d = random_case(3)

    def listed(x):
        hinge = x[:, :, None] - x[:, None, :] + 0.3
        mask = violating_triplets(labels, x, margin=0.3)
        return harness.keras.ops.where(mask, hinge, 0.0)

    def counted(x):
        positive, negative = violating_counts(labels, x, margin=0.3)
        return positive * (x + 0.3) - negative * x

    expected = harness.value_and_gradient(listed, d)
    found = harness.value_and_gradient(counted, d)
    np.testing.assert_allclose(found[0].sum(), expected[0].sum(), rtol=1e-5)
    np.testing.assert_array_equal(found[1], expected[1])


def test_without_triplets():
    for labels in ([0, 0, 0], [0, 1, 2], [4], [-1, -1, -1]):
        d = np.ones((len(labels),) * 2, "float32")
        for counts in violating_counts(np.array(labels), d):
            assert not np.asarray(counts).any()
