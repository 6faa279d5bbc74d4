import numpy as np
import pytest

from fgkeras.jobs.sample_indices import images_needed
from fgkeras.jobs.sample_indices import sample_indices


def test_all_images_where_they_fit():
    labels = np.array([2, 0, 1, 0])
    assert sample_indices(labels, 10).tolist() == [0, 1, 2, 3]
    assert sample_indices(np.zeros(500, int), 0).tolist() == list(range(500))


@pytest.mark.parametrize("seed", range(3))
def test_small_classes_stay_whole_and_large_ones_are_cut_alike(seed):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(4), [6, 30, 200, 90]))
    chosen = sample_indices(labels, 100, seed=seed)
    counts = np.bincount(labels[chosen])
    assert counts.tolist() == [6, 30, 32, 32]
    assert (np.diff(chosen) > 0).all()


def test_no_class_is_left_out():
    labels = np.repeat(np.arange(525), 5)
    chosen = sample_indices(labels, 1050)
    assert np.bincount(labels[chosen]).tolist() == [2] * 525
    labels = np.repeat([0, 1, 2], [1, 500, 9])
    chosen = sample_indices(labels, 5)
    assert np.bincount(labels[chosen]).tolist() == [1, 2, 2]


def test_too_few_for_two_of_each_class_are_refused_with_the_number():
    labels = np.repeat(np.arange(50), 20)
    with pytest.raises(ValueError, match="which need 100. Set max_images"):
        sample_indices(labels, 99)
    assert len(sample_indices(labels, 100)) == 100
    assert images_needed(np.repeat([0, 1, 2], [1, 500, 9])) == 5


def test_the_seed_decides():
    labels = np.repeat([0, 1], 300)
    one, two, again = (sample_indices(labels, 50, seed=s) for s in (0, 1, 0))
    assert one.tolist() == again.tolist()
    assert one.tolist() != two.tolist()


@pytest.mark.parametrize("count", [-1, 3])
def test_refuses_too_few(count):
    with pytest.raises(ValueError, match=f"max_images={count}"):
        sample_indices([0, 0, 1, 1], count)
