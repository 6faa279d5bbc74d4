import numpy as np
import pytest

from fgkeras.evaluation import frequency_groups
from fgkeras.evaluation.frequency_group import group_limits
from fgkeras.evaluation.frequency_group import group_ranges


def test_borders():
    groups = frequency_groups([0, 19, 20, 100, 101, 5000])
    assert list(groups) == ["head", "medium", "tail"]
    assert np.flatnonzero(groups["head"]).tolist() == [4, 5]
    assert np.flatnonzero(groups["medium"]).tolist() == [2, 3]
    assert np.flatnonzero(groups["tail"]).tolist() == [0, 1]


def test_every_class_is_in_one_group():
    groups = frequency_groups(np.arange(150))
    assert (np.sum(list(groups.values()), axis=0) == 1).all()


def test_limits_of_ones_own():
    counts = [0, 99, 100, 101]
    groups = frequency_groups(counts, [100])
    assert list(groups) == ["head", "tail"]
    assert np.flatnonzero(groups["head"]).tolist() == [2, 3]
    assert (groups["head"] != groups["tail"]).all()
    groups = frequency_groups(counts, (100, 101))
    assert groups["medium"].tolist() == [False, False, True, True]
    assert list(group_ranges((5, 9)).values()) == [
        "more than 9 training images",
        "5 to 9 training images",
        "fewer than 5 training images",
    ]
    assert list(group_ranges([7])) == ["head", "tail"]


@pytest.mark.parametrize(
    "limits", [(), (0,), (5, 5), (9, 5), (1, 2, 3), (1.5,)]
)
def test_limits_that_do_not_rise_are_refused(limits):
    with pytest.raises(ValueError, match="limits="):
        frequency_groups([1, 2], limits)


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ([500, 90, 12], [20, 100]),
        ([500] * 5 + [12] * 5, [20, 100]),
        # Even sets, also in the middle and at the head.
        ([5] * 525, []),
        ([4, 5] * 50, []),
        ([0, 1, 1], []),
        ([30] * 200, []),
        ([600] * 10, []),
        ([], []),
        # All would be tail, medium or head.
        (range(1, 10), [4, 6]),
        ([25, 26, 50, 90, 90, 99], [50, 89]),
        ([101, 300, 900], [300, 899]),
        ([3, 3, 9], [9]),
        ([1, 2, 3], [2]),
        # One class of many is no head.
        ([500] + [10] * 20 + [3] * 20, [10, 499]),
    ],
)
def test_limits_that_follow_from_the_sizes(counts, limits):
    found = group_limits(np.array(list(counts), int))
    assert found == limits
    if found:
        groups = frequency_groups(list(counts), found)
        assert groups["head"].any()
        assert groups["tail"].any()


def test_no_set_of_uneven_classes_is_all_tail():
    generator = np.random.default_rng(0)
    for _ in range(300):
        top = generator.integers(2, 400)
        counts = generator.integers(0, top, generator.integers(2, 40))
        found = group_limits(counts)
        if not found:
            assert counts.max() < 2 * max(counts.min(), 1)
            continue
        groups = frequency_groups(counts, found)
        assert sum(m.any() for m in groups.values()) >= 2
        assert max(m.mean() for m in groups.values()) < 1


def test_limits_that_were_chosen_stay():
    assert group_limits([5, 5], (20, 100)) == [20, 100]
    with pytest.raises(ValueError, match="limits='data'"):
        group_limits([5, 5], "data")


@pytest.mark.parametrize(
    "counts",
    [
        [3, -1],
        [[1, 2]],
        5,
        [3, 2.5],
        [3, np.nan],
        [3, np.inf],
        ["a"],
        [True, False],
    ],
)
def test_refuses_what_is_no_count(counts):
    with pytest.raises(ValueError, match="train_counts="):
        frequency_groups(counts)
