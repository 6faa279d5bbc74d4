"""Images that people rejected: by class, and by the margin."""

import numpy as np
import pytest

from fgkeras.mining import rejected_negatives


@pytest.mark.parametrize(("margin", "block"), [(0.2, 4096), (-0.5, 3)])
def test_drawn_are_exactly_the_violations_of_the_class(margin, block):
    rng = np.random.default_rng(0)
    x, more = rng.normal(size=(24, 3)), rng.normal(size=(9, 3))
    labels, of = rng.integers(0, 4, 24), rng.integers(0, 3, 9)
    pairs = np.array(
        [
            (i, j)
            for i in range(24)
            for j in range(24)
            if i != j and labels[i] == labels[j]
        ]
    )
    drawn = rejected_negatives(
        labels,
        x,
        *np.repeat(pairs, 200, axis=0).T,
        rejected_features=more,
        rejected_labels=of,
        margin=margin,
        block=block,
        rng=1,
    ).reshape(-1, 200)
    none = 0
    for row, (a, p) in zip(drawn, pairs, strict=True):
        limit = np.sum((x[a] - x[p]) ** 2) + margin
        expected = {
            24 + r
            for r in range(9)
            if of[r] == labels[a] and np.sum((x[a] - more[r]) ** 2) < limit
        }
        none += not expected
        assert set(row) == (expected or {-1})
    assert none


def test_each_violation_is_as_likely():
    x = np.array([[0.0], [1.0], [9.0]])
    drawn = rejected_negatives(
        [0, 0, 1],
        x,
        np.zeros(6000, int),
        np.ones(6000, int),
        rejected_features=np.array([[0.5], [8.0], [0.9], [-1.05]]),
        rejected_labels=[0, 0, 0, 0],
        rng=2,
    )
    numbers, counts = np.unique(drawn, return_counts=True)
    assert numbers.tolist() == [3, 5, 6]
    np.testing.assert_allclose(counts, 2000, atol=200)


def test_where_any_will_do_the_draws_are_those_of_earlier_versions():
    """A run that began by them goes on by them, weight for weight."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 30)
    anchors = rng.integers(0, 30, 50)
    of = np.array([3, 1, 3, 3, 1])
    drawn = rejected_negatives(
        labels,
        np.zeros((30, 2)),
        anchors,
        anchors,
        rejected_features=np.ones((5, 2)),
        rejected_labels=of,
        margin=np.inf,
        rng=6,
    )
    then, expected = np.random.default_rng(6), np.full(50, -1)
    for label, numbers in ((1, [1, 4]), (3, [0, 2, 3])):
        rows = [i for i in range(50) if labels[anchors[i]] == label]
        expected[rows] = 30 + then.choice(numbers, len(rows))
    assert drawn.tolist() == expected.tolist()
    assert {-1, 30, 31, 32, 33, 34} == set(drawn.tolist())


def test_nobody_rejected_anything():
    found = rejected_negatives([0, 0], np.zeros((2, 1)), [0], [1])
    assert found.tolist() == [-1]
