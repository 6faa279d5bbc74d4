import numpy as np
import pytest

from fgkeras.data.cuts.long_tail import long_tail_cut
from tests.data.counted import make_source


def test_cut_takes_the_counts_from_the_right_classes():
    source = make_source([30, 40, 35])
    labels = source.split("train").labels
    chosen = long_tail_cut(labels, [30, 0, 7], seed=3)
    assert np.bincount(labels[chosen], minlength=3).tolist() == [30, 0, 7]
    assert (np.diff(chosen) > 0).all()


def test_cuts_of_one_seed_are_nested_and_seeds_differ():
    labels = np.repeat([0, 1], 50)
    small = long_tail_cut(labels, [10, 5], seed=0)
    large = long_tail_cut(labels, [20, 5], seed=0)
    other = long_tail_cut(labels, [10, 5], seed=1)
    assert set(small) < set(large)
    assert set(small) != set(other)


def test_cut_is_a_uniform_choice():
    drawn = np.zeros(10)
    for seed in range(600):
        drawn[long_tail_cut(np.zeros(10, int), [3], seed)] += 1
    # Binomial(600, 0.3): standard deviation 11.2.
    assert np.abs(drawn - 180).max() < 5 * 11.3


def test_cut_of_too_few_images():
    with pytest.raises(ValueError, match=r"target_counts\[1\]=6 with 5"):
        long_tail_cut([0] * 9 + [1] * 5, [9, 6], seed=0)
    chosen = long_tail_cut([0, 0, 1], [1, 5], 0, allow_fewer=True)
    assert len(chosen) == 2
