"""Tests for fgkeras.data.batches.pk_parents."""

import numpy as np
import pytest

from fgkeras.data.batches.samplers import make_sampler

# Twelve classes of three parents, mixed; one label has no image.
PARENTS = list("abcabcabcabcz")
COUNTS = [9, 3, 7, 5, 2, 8, 6, 4, 5, 3, 7, 6]
LABELS = np.repeat(np.arange(12), COUNTS)


def make(batch_size=12, kind="pk_parents", parents=PARENTS, **options):
    return make_sampler(
        kind, LABELS, batch_size, images_per_class=3, parents=parents, **options
    )


def siblings(sampler, epochs=20):
    """Share of pairs of different classes of a batch that have one parent."""
    same, number = 0, 0
    for step in range(epochs * sampler.steps_per_epoch):
        classes = np.unique(LABELS[sampler.batch(step)])
        found = [PARENTS[c] for c in classes]
        pairs = [(a, b) for i, a in enumerate(found) for b in found[:i]]
        same += sum(a == b for a, b in pairs)
        number += len(pairs)
    return same / number


def test_most_negatives_are_of_the_same_parent():
    # Three of eleven others are siblings.
    assert siblings(make(kind="pk")) == pytest.approx(3 / 11, abs=0.05)
    assert siblings(make()) > 0.6
    # A batch that one parent fills.
    assert siblings(make(batch_size=6)) > 0.7


@pytest.mark.parametrize("batch_size", [6, 12, 15, 36])
def test_all_that_pk_batches_promise(batch_size):
    sampler = make(batch_size, seed=2)
    drawn = np.zeros(12, int)
    for epoch in range(6):
        rows = sampler.epoch(epoch)
        assert set(LABELS[rows].ravel()) == set(range(12))
        for row in rows:
            groups = LABELS[row].reshape(-1, 3)
            assert (groups == groups[:, :1]).all()
            assert len(set(groups[:, 0])) == batch_size // 3
        drawn += np.bincount(LABELS[rows].ravel(), minlength=12) // 3
    assert drawn.max() - drawn.min() <= 6
    again = make(batch_size, seed=2)
    np.testing.assert_array_equal(again.batch(17), sampler.batch(17))
    assert (make(batch_size, seed=3).batch(17) != sampler.batch(17)).any()


def test_one_parent_for_all_is_any_order():
    sampler = make(parents=["x"] * 12)
    assert siblings(sampler) == pytest.approx(3 / 11, abs=0.05)


@pytest.mark.parametrize(("parents", "number"), [(None, 0), (["a", "b"], 2)])
def test_every_class_needs_a_parent(parents, number):
    with pytest.raises(ValueError, match=f"parents of {number} classes"):
        make(parents=parents)
