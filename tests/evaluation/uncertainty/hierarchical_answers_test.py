import numpy as np
import pytest

from fgkeras.evaluation import Hierarchy
from fgkeras.evaluation import hierarchical_answers

NAMES = list("abcdefgh")
PARENTS = {
    "genus": ["P", "P", "Q", "Q", "Q", "R", "S", "S"],
    "family": ["X", "X", "X", "X", "X", "Y", "Y", "Y"],
}
TREE = Hierarchy(NAMES, PARENTS)


def rows(count, seed=0):
    p = np.random.default_rng(seed).dirichlet(np.full(8, 0.4), count)
    return p / p.sum(axis=1, keepdims=True)


def slow_answer(p, bound):
    """The answer by names, and its probability."""
    for level, column in (("class", NAMES), *PARENTS.items()):
        total = {}
        for name, share in zip(column, p, strict=True):
            total[name] = total.get(name, 0.0) + share
        best = max(total, key=total.get)
        if total[best] >= bound:
            return best, level, total[best]
    return "unknown", "root", 1.0


@pytest.mark.parametrize("bound", [0.0, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_agrees_with_names_added_up(bound):
    p = rows(200)
    found = hierarchical_answers(p, TREE, bound)
    want = [slow_answer(row, bound) for row in p]
    assert found.names() == [w[0] for w in want]
    assert found.level_names() == [w[1] for w in want]
    np.testing.assert_allclose(found.probability, [w[2] for w in want])


@pytest.mark.parametrize("bound", [0.0, 0.6, 0.9])
def test_right_is_to_be_below_the_answer(bound):
    labels = np.random.default_rng(1).integers(8, size=200)
    found = hierarchical_answers(rows(200), TREE, bound)
    for name, level, label, right in zip(
        found.names(),
        found.level_names(),
        labels,
        found.right(labels),
        strict=True,
    ):
        above = {"class": NAMES[label], "root": "unknown"}
        above |= {key: column[label] for key, column in PARENTS.items()}
        assert right == (above[level] == name)


def test_a_higher_bound_answers_the_same_or_above():
    p = rows(300)
    steps = [
        hierarchical_answers(p, TREE, bound)
        for bound in (0.501, 0.6, 0.75, 0.9, 0.99)
    ]
    for lower, higher in zip(steps, steps[1:], strict=False):
        assert (higher.level >= lower.level).all()
        for i in range(300):
            fine = TREE.group_of[lower.level[i]] == lower.group[i]
            coarse = TREE.group_of[higher.level[i]] == higher.group[i]
            assert (coarse | ~fine).all()


def test_without_a_bound_it_is_the_most_probable_class():
    found = hierarchical_answers(rows(50), TREE, 0)
    np.testing.assert_array_equal(found.group, rows(50).argmax(axis=1))
    assert not found.level.any()


def test_a_bound_above_one_is_reached_by_none():
    found = hierarchical_answers(np.eye(8), TREE, np.nextafter(1.0, 2.0))
    assert found.names() == ["unknown"] * 8
    assert (hierarchical_answers(np.eye(8), TREE, 1.0).level == 0).all()


def test_a_parent_of_one_class_never_comes_before_it():
    p = np.full((1, 8), 0.02)
    p[0, 5] = 0.86
    assert hierarchical_answers(p, TREE, 0.8).names() == ["f"]


def test_ties_take_the_first():
    p = np.array([[0.5, 0, 0.5, 0, 0, 0, 0, 0]])
    assert hierarchical_answers(p, TREE, 0.5).names() == ["a"]


def test_information_in_bits():
    np.testing.assert_allclose(TREE.information(0), 1)
    np.testing.assert_allclose(TREE.information(3), [0])
    np.testing.assert_allclose(
        TREE.information(1), [1 - 1 / 3, 1 - np.log2(3) / 3, 1, 1 - 1 / 3]
    )
    found = hierarchical_answers([[0.5, 0.5, 0, 0, 0, 0, 0, 0]], TREE, 0.9)
    np.testing.assert_allclose(found.information(), [1 - 1 / 3])


def test_order_of_classes_is_nothing():
    order = np.array([3, 7, 0, 5, 1, 6, 2, 4])
    moved = Hierarchy(
        [NAMES[i] for i in order],
        {k: [column[i] for i in order] for k, column in PARENTS.items()},
    )
    p = rows(60)
    one = hierarchical_answers(p, TREE, 0.8)
    two = hierarchical_answers(p[:, order], moved, 0.8)
    assert one.names() == two.names()


@pytest.mark.parametrize(
    ("parents", "said"),
    [
        ({}, "at least one level"),
        ({"genus": ["P", "P"]}, "2 parents of 3 classes"),
        ({"genus": ["P", "", "Q"]}, "2 parents of 3 classes"),
        ({"root": ["P", "P", "Q"]}, "levels by themselves"),
        (
            {"make": ["P", "P", "Q"], "body": ["U", "V", "V"]},
            r"'P' in \['U', 'V'\]",
        ),
    ],
)
def test_refuses_what_is_no_hierarchy(parents, said):
    with pytest.raises(ValueError, match=said):
        Hierarchy(["a", "b", "c"], parents)


def test_refuses_sigmoids_bounds_and_other_classes():
    with pytest.raises(ValueError, match="divide each row by its sum"):
        hierarchical_answers(np.full((1, 8), 0.9), TREE, 0.9)
    with pytest.raises(ValueError, match="2 columns for 8 classes"):
        hierarchical_answers([[0.5, 0.5]], TREE, 0.9)
    for bound in (-0.1, 90, float("nan")):
        with pytest.raises(ValueError, match="bound must lie"):
            hierarchical_answers(rows(2), TREE, bound)
    with pytest.raises(ValueError, match="labels must lie in"):
        hierarchical_answers(rows(1), TREE, 0.9).right([8])
