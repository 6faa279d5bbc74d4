"""Tests for fgkeras.ops.pair_masks."""

import numpy as np
import pytest

from fgkeras.ops import negative_pairs
from fgkeras.ops import positive_pairs
from fgkeras.ops import same_label


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_pairs(shape):
    y = np.array([3, 1, 3, 2, 1])
    labels = y.reshape(shape)
    for i in range(5):
        for j in range(5):
            same = y[i] == y[j]
            assert bool(same_label(labels)[i, j]) == same
            assert bool(negative_pairs(labels)[i, j]) == (not same)
            assert bool(positive_pairs(labels)[i, j]) == (same and i != j)


def test_against_other_labels():
    found = same_label(np.array([0, 1]), np.array([[1], [0], [2]]))
    np.testing.assert_array_equal(found, [[0, 1, 0], [1, 0, 0]])


def test_rows_with_label_minus_one_are_not_there():
    labels = np.array([0, -1, 1, 0, -1, -1])
    there = np.flatnonzero(labels >= 0)
    for fn in (positive_pairs, negative_pairs):
        expected = np.zeros((6, 6), bool)
        expected[np.ix_(there, there)] = fn(labels[there])
        np.testing.assert_array_equal(fn(labels), expected)
