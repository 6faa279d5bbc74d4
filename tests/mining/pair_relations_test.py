"""Tests for fgkeras.mining.pair_relations, and miners by a relation."""

import numpy as np
import pytest

from fgkeras.mining import SameParent
from fgkeras.mining import SharedAncestors
from fgkeras.mining import SharedLabels
from tests import harness
from tests.losses.degenerate_batches_test import outputs
from tests.losses.metric_losses import MINERS

LABELS = np.array([0, 1, 0, 2, 1, 0, 3, 1, 2], "int32")
POINTS = np.random.default_rng(0).normal(size=(9, 4)).astype("float32")
ROWS = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
TREE = {"genus": list("aabc"), "family": list("xxxy")}

by_miner = pytest.mark.parametrize("name", MINERS)


@by_miner
def test_same_label_as_a_relation_chooses_the_same(name):
    labels = np.where(np.arange(9) == 4, -1, LABELS)
    same = labels[:, None] == labels[None, :]
    for positives in (same, same.astype("int32")):
        for found, expected in zip(
            outputs(MINERS[name](labels, POINTS, positives=positives)),
            outputs(MINERS[name](labels, POINTS)),
            strict=True,
        ):
            np.testing.assert_array_equal(found, expected)


@by_miner
def test_each_anchor_is_asked_by_its_own_row(name):
    if name == "hard_aware_cascade":
        pytest.skip("passes on the hardest pairs of the whole batch")
    rng = np.random.default_rng(1)
    positives = rng.random((9, 9)) < 0.4
    found = outputs(MINERS[name](None, POINTS, positives=positives))
    for a in range(9):
        # Its positives against all others, as two classes.
        mates = positives[a] | (np.arange(9) == a)
        alone = outputs(MINERS[name](np.where(mates, 0, 1), POINTS))
        for array, expected in zip(found, alone, strict=True):
            np.testing.assert_allclose(array[a], expected[a], rtol=1e-6)


@by_miner
def test_a_miner_refuses_grades(name):
    grades = np.eye(9, dtype="float32")
    with pytest.raises(ValueError, match=r"dtype float32. Give `positives > 0"):
        MINERS[name](LABELS, POINTS, positives=grades)


def test_shared_labels_match_sets():
    sets = [set(np.flatnonzero(row)) for row in ROWS]
    for found in (
        harness.to_numpy(SharedLabels(graded=True)(ROWS)),
        harness.in_graph(SharedLabels(graded=True), ROWS.astype("float32")),
    ):
        for i, a in enumerate(sets):
            for j, b in enumerate(sets):
                expected = len(a & b) / len(a | b) if a | b else 0.0
                assert found[i, j] == pytest.approx(expected)
    any_shared = harness.to_numpy(SharedLabels()(ROWS))
    np.testing.assert_array_equal(any_shared, found > 0)


def test_rows_that_are_absent_or_wrong():
    rows = ROWS.copy()
    rows[2] = -1
    relation = SharedLabels()
    assert harness.to_numpy(relation.labels(rows)).tolist() == [0, 0, -1, 0]
    assert not harness.to_numpy(relation(rows))[2].any()
    rows[1, 0] = 3
    assert harness.to_numpy(relation.labels(rows)).tolist() == [0, -2, -1, 0]
    with pytest.raises(ValueError, match=r"labels\[1\]=\[3 1 0 0\]"):
        relation.check(rows)
    with pytest.raises(ValueError, match=r"labels of shape \(9,\)"):
        relation(LABELS)


def test_relations_of_classes_match_loops():
    graded = harness.to_numpy(SharedAncestors(TREE)(LABELS))
    genus = harness.to_numpy(SameParent(TREE["genus"])(LABELS[:, None]))
    for i, a in enumerate(LABELS):
        for j, b in enumerate(LABELS):
            common = (a == b) + sum(
                column[a] == column[b] for column in TREE.values()
            )
            assert graded[i, j] == pytest.approx(common / 3)
            assert genus[i, j] == (TREE["genus"][a] == TREE["genus"][b])


@pytest.mark.parametrize("make", [SameParent, lambda p: SharedAncestors([p])])
def test_labels_of_no_class_and_wrong_parents_are_refused(make):
    relation = make(list("aab"))
    with pytest.raises(ValueError, match=r"labels\[3\]=5"):
        relation(np.array([0, 1, 2, 5]))
    found = harness.in_graph(relation.labels, np.array([0.0, -1, 1.5, 3]))
    assert found.tolist() == [0, -1, -2, -2]
    for wrong in ([], [["a"], ["b"]], [None, "a"]):
        with pytest.raises(ValueError, match="must name the parent of each"):
            make(wrong)
    with pytest.raises(ValueError, match=r"2 levels of \[1, 2\] classes"):
        SharedAncestors([["a"], ["a", "b"]])


@pytest.mark.parametrize(
    "relation",
    [
        SharedLabels(graded=True),
        SameParent(list("aab")),
        SharedAncestors({"genus": list("aab"), "size": [1, 2, 2]}),
    ],
)
def test_a_relation_is_written_down(relation):
    harness.check_config(relation)
