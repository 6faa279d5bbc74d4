import itertools

import numpy as np
import pytest

from fgkeras.granularity import check_draw
from fgkeras.granularity import drawn_granularity
from fgkeras.granularity import rankm


def overlapping(num_classes, images, seed=0):
    """Classes that overlap, of so many images each."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(num_classes), images)
    means = rng.normal(size=(num_classes, 6))
    return means[labels] + 1.2 * rng.normal(size=(len(labels), 6)), labels


def test_all_classes_are_the_set_itself():
    x, y = overlapping(7, 9)
    found = drawn_granularity(rankm, x, y, 7)
    assert found.values.tolist() == [pytest.approx(rankm(x, y).value)]
    assert found.summary["low"] == found.summary["value"]


def test_draws_are_subsets_and_their_mean_that_of_all_subsets():
    x, y = overlapping(5, 8)
    every = {
        kept: rankm(x[np.isin(y, kept)], y[np.isin(y, kept)]).value
        for kept in itertools.combinations(range(5), 2)
    }
    found = drawn_granularity(rankm, x, y, 2, num_draws=400)
    assert {round(v, 9) for v in found.values} == {
        round(v, 9) for v in every.values()
    }
    expected = np.mean([*every.values()])
    error = np.std([*every.values()]) / 20
    assert float(found) == pytest.approx(expected, abs=4 * error)
    summary = found.summary
    low, high = np.quantile(found.values, [0.025, 0.975])
    assert summary == {"value": float(found), "low": low, "high": high}


def test_draws_make_sets_of_other_sizes_compare():
    """One world, of which one set has 10 classes and the other 60."""
    x, y = overlapping(60, 10)
    few = y < 10
    small, whole = rankm(x[few], y[few]).value, rankm(x, y).value
    drawn = drawn_granularity(rankm, x, y, 10).summary
    assert whole > drawn["high"]
    assert drawn["low"] <= small <= drawn["high"]


def test_images_of_a_class_are_drawn_too():
    x, y = overlapping(4, [3, 8, 8, 2])
    sizes = []

    def index(features, labels, metric):
        sizes.append(np.unique(labels, return_counts=True))
        return rankm(features, labels, metric=metric)

    drawn_granularity(index, x, y, 2, images_drawn=3, num_draws=30)
    assert all(counts.tolist() == [3, 3] for _, counts in sizes)
    assert {c for names, _ in sizes for c in names} == {0, 1, 2}
    # One choice of classes, and yet many of images.
    again = drawn_granularity(rankm, x, y, 2, images_drawn=5, num_draws=9)
    assert len(set(again.values)) > 1


@pytest.mark.parametrize(
    ("classes", "images", "said"),
    [
        (1, None, "num_classes=1"),
        (2, 1, "images_drawn=1"),
        (5, None, "4 of 4 classes have so many"),
        (3, 8, "2 of 4 classes have so many"),
    ],
)
def test_refuses_more_than_there_is(classes, images, said):
    labels = np.repeat(np.arange(4), [3, 8, 8, 2])
    with pytest.raises(ValueError, match=said):
        check_draw(labels, classes, images)
    with pytest.raises(ValueError, match="num_draws=0"):
        drawn_granularity(rankm, labels[:, None], labels, 2, num_draws=0)
