"""The axioms, where they hold and where they do not."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.granularity import class_medoids
from fgkeras.granularity import granularity_consistency
from fgkeras.granularity import isomorphism_invariance
from fgkeras.granularity import medoid_counter_example
from fgkeras.granularity import rank
from fgkeras.granularity import rankm
from fgkeras.granularity import rs
from fgkeras.granularity import rsm
from fgkeras.granularity import scale_invariance

INDICES = (rs, rsm, rank, rankm)
quick = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def labelled_distances(draw):
    """Symmetric distances from few values, so that many tie; 2-3 classes."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=3))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    labels = labels[draw(st.permutations(range(len(labels))))]
    n = len(labels)
    upper = draw(
        st.lists(
            st.integers(1, 12), min_size=n * n, max_size=n * n
        )
    )  # fmt: skip
    matrix = np.triu(np.array(upper, "float64").reshape(n, n) / 4, 1)
    return matrix + matrix.T, labels


@st.composite
def drawn_apart(draw):
    """The same with a change: smaller within classes, larger across."""
    matrix, labels = draw(labelled_distances())
    n = len(labels)
    steps = draw(st.lists(st.integers(0, 3), min_size=n * n, max_size=n * n))
    steps = np.triu(np.array(steps).reshape(n, n), 1)
    factor = 2.0 ** (steps + steps.T)
    same = labels[:, None] == labels
    changed = np.where(same, matrix / factor, matrix * factor)
    return matrix, changed, labels


@quick
@given(labelled_distances(), st.sampled_from([0.125, 2.0, 1024.0]))
def test_unit_of_distance_changes_nothing(data, factor):
    for index in INDICES:
        assert scale_invariance(index, *data, factor, rtol=0)


@quick
@given(labelled_distances(), st.randoms(use_true_random=False))
def test_class_names_change_nothing(data, random):
    order = list(range(len(set(data[1]))))
    random.shuffle(order)
    for index in INDICES:
        assert isomorphism_invariance(index, *data, order, rtol=1e-12)


@quick
@given(drawn_apart())
def test_parting_classes_are_not_finer(data):
    matrix, changed, labels = data
    medoids = class_medoids(matrix, labels, metric="precomputed")
    for index in (
        rs,
        rank,
        functools.partial(rank, ties="optimistic"),
        functools.partial(rsm, medoids=medoids),
        functools.partial(rankm, medoids=medoids),
        functools.partial(rankm, medoids=medoids, ties="optimistic"),
    ):
        assert granularity_consistency(index, matrix, changed, labels)


@pytest.mark.parametrize(
    ("index", "before", "after"),
    [
        (rankm, 0, 1 / 6),
        (rsm, 0.248403, 0.344565),
        (rs, 0.4879, 0.2194),
        (rank, 0.1667, 0.0833),
    ],
)
def test_counter_example(index, before, after):
    check = granularity_consistency(index, *medoid_counter_example())
    assert check.holds == (after < before)
    digits = 1e-6 if index in (rankm, rsm) else 5e-5
    np.testing.assert_allclose(
        [check.before, check.after], [before, after], atol=digits
    )


def test_counter_example_holds_with_the_medoids_held():
    matrix, changed, labels = medoid_counter_example()
    medoids = class_medoids(matrix, labels, metric="precomputed")
    for index in (rsm, rankm):
        fixed = functools.partial(index, medoids=medoids)
        assert granularity_consistency(fixed, matrix, changed, labels)


def test_points_in_space_break_it_too():
    first = [(-0.1, 0, 0), (0, 0, 0), (2, 0, 0)]
    second = [
        (3, 0, 0), (3, 0.5, 0), (3, -0.5, 0),
        (5, 0, 0), (5, 0.2, 0), (5, -0.2, 0),
    ]  # fmt: skip
    before = np.array(first + second)
    after = before.copy()
    after[:3, 2] = 0.5
    after[4:6, 1] = 0.01, -0.01
    labels = np.repeat([0, 1], (3, 6))
    found = [
        [index(x, labels, metric="euclidean").value for index in INDICES]
        for x in (before, after)
    ]
    assert found[0][3] == 0
    assert found[1][3] == pytest.approx(1 / 9)
    assert found[0][1] == pytest.approx(0.3098, abs=5e-5)
    assert found[1][1] == pytest.approx(0.3361, abs=5e-5)
    assert found[1][0] <= found[0][0]
    assert found[1][2] <= found[0][2]


def test_a_change_of_the_wrong_kind_is_refused():
    matrix, changed, labels = medoid_counter_example()
    with pytest.raises(ValueError, match=r"0.1 -> 2.5 for images 3 and 4"):
        granularity_consistency(rs, changed, matrix, labels)
    with pytest.raises(ValueError, match="factor=-1"):
        scale_invariance(rs, matrix, labels, -1)
    with pytest.raises(ValueError, match=r"permutation=\[0, 0\]"):
        isomorphism_invariance(rs, matrix, labels, [0, 0])
