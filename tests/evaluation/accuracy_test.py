import numpy as np
import pytest
from sklearn import metrics

from fgkeras.evaluation import mean_per_class_accuracy
from fgkeras.evaluation import per_class_accuracy
from fgkeras.evaluation import top_k_accuracy

generator = np.random.default_rng(3)
LOGITS = generator.normal(size=(200, 7))
LABELS = generator.integers(0, 6, 200)  # class 6 has no images


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_agrees_with_scikit_learn(k):
    expected = metrics.top_k_accuracy_score(
        LABELS, LOGITS, k=k, labels=range(7)
    )
    assert top_k_accuracy(LABELS, LOGITS, k) == pytest.approx(expected)


def test_top_all_is_one():
    assert top_k_accuracy(LABELS, LOGITS, 7) == 1


def test_ties_at_the_border_of_k_count_as_wrong():
    assert top_k_accuracy([0], [[1.0, 1.0, 2.0]], 2) == 0
    assert top_k_accuracy([0], [[1.0, 1.0, 2.0]], 3) == 1


def test_per_class_agrees_with_scikit_learn():
    predicted = LOGITS.argmax(1)
    correct = predicted == LABELS
    accuracy, count = per_class_accuracy(LABELS, correct, 7)
    recall = metrics.recall_score(
        LABELS, predicted, average=None, labels=range(6), zero_division=0
    )
    np.testing.assert_allclose(accuracy[:6], recall)
    assert np.isnan(accuracy[6])
    assert count.tolist() == [int((c == LABELS).sum()) for c in range(7)]
    assert mean_per_class_accuracy(LABELS, correct, 7) == pytest.approx(
        recall.mean()
    )


def test_mean_per_class_without_images_is_nan():
    assert np.isnan(mean_per_class_accuracy([], [], 3))


def test_refuses_k_of_zero():
    with pytest.raises(ValueError, match="k=0"):
        top_k_accuracy(LABELS, LOGITS, 0)
