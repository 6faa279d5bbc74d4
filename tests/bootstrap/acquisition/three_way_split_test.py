import numpy as np
import pytest

from fgkeras.bootstrap.acquisition import split_thresholds
from fgkeras.bootstrap.acquisition import three_way_split


def by_search(correct, scores, precision, recall):
    """Both thresholds by trying all scores; the pair before they cross."""
    cuts = sorted({*scores.tolist()})[:-1]
    below = 0.0 if scores.min() > 0 else -1.0
    cuts = [below, *cuts]
    low = max(
        t
        for t in cuts
        if correct[scores > t].sum() >= recall * correct.sum() - 1e-9
    )
    kept = [t for t in cuts if correct[scores > t].mean() >= precision - 1e-9]
    high = min(kept) if kept else 1.0
    return min(low, high), high


@pytest.mark.parametrize("seed", range(30))
def test_thresholds_are_those_found_by_trying_all(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 15, int(rng.integers(2, 60))) / 14
    correct = rng.random(len(scores)) < scores
    correct[rng.integers(len(scores))] = True
    precision, recall = rng.uniform(0.5, 1, 2)
    got = split_thresholds(correct, scores, precision=precision, recall=recall)
    assert got == by_search(correct, scores, precision, recall)


def test_what_was_asked_is_kept_on_the_labelled():
    rng = np.random.default_rng(1)
    scores = rng.random(4000)
    correct = rng.random(4000) < scores**2
    low, high = split_thresholds(correct, scores, precision=0.9, recall=0.95)
    split = three_way_split(scores, low, high)
    assert correct[split == 1].mean() >= 0.9
    assert correct[split >= 0].sum() >= 0.95 * correct.sum()
    assert 0 < (split == 0).mean() < 0.9
    assert correct[split == 1].mean() < 0.92
    assert correct[split >= 0].sum() < 0.96 * correct.sum()


def test_ends():
    # The highest is false: nothing is sure.
    assert split_thresholds([True, False], [0.4, 0.9])[1] == 1.0
    # All is true: everything above; no score is below.
    low, high = split_thresholds([True, True], [0.0, 0.9])
    assert three_way_split([0.0, 0.9], low, high).tolist() == [1, 1]
    # All is separated: nothing is left to look at.
    low, high = split_thresholds([False, False, True], [0.1, 0.2, 0.9])
    assert low == high == 0.2
    # Exactly a threshold is below it.
    assert three_way_split([0.2, 0.5], 0.2, 0.5).tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"correct": [0, 1]}, "dtype=int64"),
        ({"correct": [True]}, r"correct.shape=\(1,\)"),
        ({"correct": [False, False]}, "none of 2"),
        ({"scores": [0.5, np.nan]}, r"rows \[1\]"),
        ({"precision": 0.0}, "precision=0.0"),
        ({"recall": 1.1}, "recall=1.1"),
    ],
)
def test_refuses(options, words):
    options = {"correct": [False, True], "scores": [0.1, 0.9], **options}
    with pytest.raises(ValueError, match=words):
        split_thresholds(**options)
    with pytest.raises(ValueError, match=r"low=0.6, high=0.5"):
        three_way_split([0.1], 0.6, 0.5)
    with pytest.raises(ValueError, match=r"rows \[0\]"):
        three_way_split([np.nan], 0.1, 0.5)
