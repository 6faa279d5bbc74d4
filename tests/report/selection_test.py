import numpy as np

from fgkeras.report.selection import select_images
from fgkeras.report.selection import select_pair

generator = np.random.default_rng(0)
LABELS = generator.integers(0, 4, 200)
PREDICTED = generator.integers(0, 4, 200)
CONFIDENCE = generator.random(200)


def test_kinds_and_worst():
    chosen = select_images(LABELS, PREDICTED, CONFIDENCE, count=10, seed=0)
    assert all(LABELS[i] == PREDICTED[i] for i in chosen["right"])
    assert all(LABELS[i] != PREDICTED[i] for i in chosen["wrong"])
    wrong = [i for i in range(200) if LABELS[i] != PREDICTED[i]]
    assert chosen["worst"] == sorted(wrong, key=lambda i: -CONFIDENCE[i])[:10]
    assert {len(set(v)) for v in chosen.values()} == {10}


def test_the_lot_is_fair():
    drawn = np.zeros(200)
    for seed in range(400):
        chosen = select_images(
            LABELS, PREDICTED, CONFIDENCE, count=10, seed=seed
        )
        drawn[chosen["wrong"]] += 1
    wrong = LABELS != PREDICTED
    expected = 400 * 10 / wrong.sum()
    assert np.abs(drawn[wrong] - expected).max() < 6 * np.sqrt(expected)


def test_all_right_or_all_wrong():
    same = select_images(LABELS, LABELS, CONFIDENCE, count=3, seed=0)
    assert (same["wrong"], same["worst"], len(same["right"])) == ([], [], 3)


def test_pair_shows_the_mistake_and_recognised_examples():
    left, mistake, right = select_pair(LABELS, PREDICTED, 1, 2, seed=0)
    assert (LABELS[mistake], PREDICTED[mistake]) == (1, 2)
    assert (LABELS[left], PREDICTED[left]) == (1, 1)
    assert (LABELS[right], PREDICTED[right]) == (2, 2)


def test_pair_without_other_images():
    assert select_pair([0, 1], [1, 0], 0, 1, seed=0) == (None, 0, 1)
    assert select_pair([0], [1], 0, 1, seed=0) == (None, 0, None)
