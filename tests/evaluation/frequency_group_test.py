import numpy as np
import pytest

from fgkeras.evaluation import frequency_groups
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
