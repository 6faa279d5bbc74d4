"""Tests for the granularity of class pairs and the subsets cut by it."""

import itertools

import numpy as np
import pytest

from fgkeras.granularity import class_pairs
from fgkeras.granularity import rankm
from fgkeras.granularity import rsm


@pytest.fixture(scope="module")
def data():
    """Twelve classes; three of them lie nearly on each other."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(12, 6)) * 2
    centers[[3, 7, 8]] = centers[0] + rng.normal(size=(3, 6)) * 0.3
    labels = np.repeat(np.arange(12), rng.integers(5, 12, size=12))
    return centers[labels] + rng.normal(size=(len(labels), 6)), labels


def test_each_pair_is_what_it_would_be_alone(data):
    points, labels = data
    found = class_pairs(points, labels, metric="euclidean")
    for p, q in itertools.combinations(range(12), 2):
        part = np.isin(labels, [p, q])
        for index, matrix in ((rankm, found.rankm), (rsm, found.rsm)):
            alone = index(points[part], labels[part], metric="euclidean")
            assert matrix[p, q] == pytest.approx(alone.value)
            assert matrix[q, p] == matrix[p, q]


def test_hardest_pairs(data):
    points, labels = data
    rows = class_pairs(points, labels, metric="euclidean").hardest(66)
    assert {rows[0][0], rows[0][1]} <= {0, 3, 7, 8}
    assert [r[2:] for r in rows] == sorted([r[2:] for r in rows], reverse=True)
    assert len({r[:2] for r in rows}) == 66


def test_subsets(data):
    points, labels = data
    pairs = class_pairs(points, labels, metric="euclidean")

    def value(chosen):
        part = np.isin(labels, chosen)
        return rankm(points[part], labels[part], metric="euclidean").value

    rng = np.random.default_rng(0)
    random = np.mean([value(rng.permutation(12)[:4]) for _ in range(20)])
    assert set(pairs.bitter(4)) == {0, 3, 7, 8}
    assert value(pairs.bitter(4)) > random > value(pairs.sweet(4))
    assert sorted(pairs.bitter(12)) == list(range(12))
    with pytest.raises(ValueError, match="count=13 for 12"):
        pairs.bitter(13)


def test_identical_images_are_the_hardest():
    points = np.array([[0.0], [0.0], [5.0], [5.1]])
    found = class_pairs(points, list("abcc"), metric="euclidean")
    assert found.hardest(1) == [("a", "b", 1.0, np.inf)]
    assert set(found.bitter(2)) == {"a", "b"}


@pytest.mark.parametrize("name", ["rankm", "rsm"])
def test_a_class_is_no_pair_with_itself(data, name):
    matrix = getattr(class_pairs(*data, metric="euclidean"), name)
    np.testing.assert_array_equal(np.diagonal(matrix), 0.0)
    assert (matrix[~np.eye(12, dtype=bool)] > 0).any()
