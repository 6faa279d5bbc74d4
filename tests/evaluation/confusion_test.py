import tracemalloc

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from fgkeras.evaluation import confused_pairs


def test_agrees_with_scikit_learn():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 5, 300)
    predicted = generator.integers(0, 5, 300)
    matrix = confusion_matrix(labels, predicted, labels=range(5))
    pairs = confused_pairs(labels, predicted, num_classes=5, top=100)
    assert len(pairs) == 20
    for pair in pairs:
        true, guess = pair["true"], pair["predicted"]
        assert true != guess
        assert pair["count"] == matrix[true, guess]
        assert pair["reverse_count"] == matrix[guess, true]
        assert pair["n"] == matrix[true].sum()
        assert pair["rate"] == pytest.approx(
            matrix[true, guess] / matrix[true].sum()
        )
    keys = [(-p["count"], -p["rate"], p["true"]) for p in pairs]
    assert keys == sorted(keys)


def test_top_cuts():
    assert len(confused_pairs([0, 1, 2], [1, 2, 0], num_classes=3, top=2)) == 2
    assert confused_pairs([0, 1], [1, 0], num_classes=2, top=0) == []


def test_no_mistakes():
    assert confused_pairs([0, 1], [0, 1], num_classes=2) == []


def test_memory_does_not_grow_with_the_square_of_the_classes():
    labels = np.arange(8142).repeat(3)
    tracemalloc.start()
    confused_pairs(labels, (labels + 1) % 8142, num_classes=8142)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6  # a matrix of int32 would take 265e6


def test_refuses_classes_out_of_range():
    with pytest.raises(ValueError, match=r"labels\[1\]=2"):
        confused_pairs([0, 1], [0, 2], num_classes=2)
    with pytest.raises(ValueError, match="top=-1"):
        confused_pairs([0, 1], [0, 1], num_classes=2, top=-1)


def test_pairs_as_frequent_as_each_other_are_ranked_by_score():
    # They were the alphabet's first 20.
    labels = np.arange(40)
    predicted = (labels + 1) % 40
    confidence = np.random.default_rng(0).random(40)
    pairs = confused_pairs(
        labels, predicted, num_classes=40, top=20, confidence=confidence
    )
    expected = sorted(range(40), key=lambda i: -confidence[i])[:20]
    assert [pair["true"] for pair in pairs] == expected
    # The mean of a pair's mistakes counts, and images that are right do not.
    pairs = confused_pairs(
        [0, 0, 1, 1, 2],
        [1, 1, 0, 0, 2],
        num_classes=3,
        confidence=[0.9, 0.1, 0.6, 0.6, 1.0],
    )
    assert [pair["true"] for pair in pairs] == [1, 0]
    # How often comes first.
    pairs = confused_pairs(
        [0, 1, 1], [1, 0, 0], num_classes=2, confidence=[1.0, 0.1, 0.1]
    )
    assert pairs[0]["true"] == 1
