import numpy as np
import pytest

from fgkeras.evaluation import frequency_groups


def test_borders():
    groups = frequency_groups([0, 19, 20, 100, 101, 5000])
    assert list(groups) == ["head", "medium", "tail"]
    assert np.flatnonzero(groups["head"]).tolist() == [4, 5]
    assert np.flatnonzero(groups["medium"]).tolist() == [2, 3]
    assert np.flatnonzero(groups["tail"]).tolist() == [0, 1]


def test_every_class_is_in_one_group():
    groups = frequency_groups(np.arange(150))
    assert (np.sum(list(groups.values()), axis=0) == 1).all()


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
