import numpy as np
import pytest

from fgkeras.bootstrap.acquisition import Candidates
from fgkeras.bootstrap.acquisition import audit_slice
from fgkeras.bootstrap.acquisition import threshold_calibration
from fgkeras.evaluation import wilson_interval


def pool(seed, count=20_000):
    """Scores of which four in five mean what they say."""
    rng = np.random.default_rng(seed)
    scores = rng.beta(0.5, 2.0, count)
    return scores, rng.random(count) < 0.8 * scores


def decided(scores, truth, share, seed):
    """All above 0.5 and an audit slice below, as in a round."""
    candidates = Candidates(
        scores, np.zeros(len(scores)), np.zeros(len(scores), int)
    )
    drawn = audit_slice(candidates, share=share, seed=seed)
    rows = np.concatenate([np.flatnonzero(scores > 0.5), drawn.positions])
    inclusion = np.where(scores[rows] > 0.5, 1.0, drawn.inclusion)
    return truth[rows], scores[rows], inclusion


def test_is_the_definition_by_loops():
    correct, scores, inclusion = decided(*pool(0, 800), 0.1, 1)
    found = threshold_calibration(correct, scores, inclusion)
    above = [bool(y) for y, s in zip(correct, scores, strict=True) if s > 0.5]
    missed = sum(
        y / pi
        for y, s, pi in zip(correct, scores, inclusion, strict=True)
        if s <= 0.5
    )
    assert found.precision == pytest.approx(np.mean(above))
    assert found.missed == pytest.approx(missed)
    assert found.recall == pytest.approx(sum(above) / (sum(above) + missed))
    # Equal weights: as many pictures as there are.
    ends = wilson_interval(sum(above), len(above))
    np.testing.assert_allclose(found.precision_interval, ends)
    below = (scores <= 0.5).sum()
    low, high = wilson_interval(round(missed * 0.1), below)
    ends = max(low * below / 0.1, missed * 0.1), high * below / 0.1
    np.testing.assert_allclose(found.missed_interval, ends)
    for row in found.bins:
        own = (scores > row["lower"]) & (scores <= row["upper"])
        weights = 1 / inclusion[own]
        assert row["n"] == own.sum()
        if own.any():
            share = np.average(correct[own], weights=weights)
            assert row["share"] == pytest.approx(share)
            score = np.average(scores[own], weights=weights)
            assert row["score"] == pytest.approx(score)
        else:
            assert row["share"] is row["score"] is None


def test_interval_covers_the_truth_as_often_as_it_says():
    scores, truth = pool(5)
    recall = truth[scores > 0.5].sum() / truth.sum()
    found = [
        threshold_calibration(*decided(scores, truth, 0.02, seed))
        for seed in range(200)
    ]
    low, high = np.transpose([f.recall_interval for f in found])
    covered = np.mean((low <= recall) & (recall <= high))
    assert 0.92 <= covered <= 1
    missed = truth[scores <= 0.5].sum()
    assert np.mean([f.missed for f in found]) == pytest.approx(missed, rel=0.03)
    assert (high - low).mean() < 0.25


def test_without_a_true_one_below_there_may_still_be_some():
    correct = np.array([True] * 10 + [False] * 50)
    scores = np.array([0.9] * 10 + [0.1] * 50)
    found = threshold_calibration(
        correct, scores, np.where(scores > 0.5, 1.0, 0.02)
    )
    assert found.missed == 0
    assert found.recall == 1
    # Up to 7 % of 2,500.
    assert found.missed_interval == pytest.approx((0, 178), abs=1)
    assert found.recall_interval[0] == pytest.approx(10 / 188, abs=0.001)


def test_all_looked_at_leaves_no_doubt_of_recall():
    correct = np.array([True, True, False, True])
    found = threshold_calibration(correct, [0.9, 0.8, 0.7, 0.2], np.ones(4))
    assert found.recall_interval == pytest.approx((2 / 3, 2 / 3))
    assert found.missed_interval == (1, 1)


def test_uneven_chances_are_worth_fewer_pictures():
    rng = np.random.default_rng(0)
    correct = rng.random(200) < 0.2
    even = threshold_calibration(correct, np.full(200, 0.1), np.full(200, 0.1))
    chances = np.where(np.arange(200) < 20, 0.01, 0.5)
    uneven = threshold_calibration(correct, np.full(200, 0.1), chances)

    def width(found, weights):
        low, high = found.missed_interval
        return (high - low) / weights.sum()

    assert width(uneven, 1 / chances) > 2 * width(even, np.full(200, 10))


def test_empty_sides_are_nan():
    found = threshold_calibration(np.zeros(0, bool), [], [])
    assert np.isnan([found.precision, found.recall]).all()
    assert found.missed == 0
    below = threshold_calibration([False], [0.2], [1.0])
    assert np.isnan(below.recall)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"correct": [1]}, "int64"),
        ({"scores": [0.1, 0.2]}, r"scores.shape=\(2,\)"),
        ({"scores": [np.nan]}, r"rows \[0\]"),
        ({"inclusion": [0.0]}, "from 0.0"),
        ({"inclusion": [1.5]}, "to 1.5"),
        ({"inclusion": [np.nan]}, "nan"),
        ({"above": 1.0}, "above=1.0"),
        ({"num_bins": 0}, "num_bins=0"),
    ],
)
def test_refuses(options, words):
    options = {
        "correct": [True],
        "scores": [0.9],
        "inclusion": [1.0],
        **options,
    }
    with pytest.raises(ValueError, match=words):
        threshold_calibration(**options)
