import numpy as np
import pytest

from fgkeras.evaluation import Hierarchy
from fgkeras.evaluation import fit_answer_bound
from fgkeras.evaluation import hierarchical_answers

TREE = Hierarchy(
    list("abcdef"), {"genus": list("PPQQRR"), "family": list("XXXXYY")}
)


def drawn(seed, n, sure=1.0):
    """Labels and probabilities that are too sure of themselves."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(6, size=n)
    z = generator.normal(size=(n, 6))
    z[np.arange(n), labels] += 1.5
    z[np.arange(n), labels ^ 1] += 1.0
    p = np.exp(sure * z)
    return labels, p / p.sum(axis=1, keepdims=True)


def wrong(labels, p, bound):
    return int((~hierarchical_answers(p, TREE, bound).right(labels)).sum())


@pytest.mark.parametrize("accuracy", [0.6, 0.8, 0.9, 0.97])
def test_it_is_the_smallest_bound_that_is_enough(accuracy):
    labels, p = drawn(0, 80)
    found = fit_answer_bound(labels, p, TREE, accuracy=accuracy)
    enough = (1 - accuracy) * 81 + 1e-9
    assert wrong(labels, p, found.bound) + 1 <= enough
    if found.bound > 0.500001:
        below = np.nextafter(found.bound, 0)
        assert wrong(labels, p, below) + 1 > enough
    assert found.measured == 1 - wrong(labels, p, found.bound) / 80


@pytest.mark.parametrize("sure", [0.5, 1.0, 4.0])
def test_accuracy_is_kept_on_new_images(sure):
    right, n = [], 60
    for seed in range(200):
        labels, p = drawn(seed, 2 * n, sure)
        bound = fit_answer_bound(labels[:n], p[:n], TREE, accuracy=0.85).bound
        right.append(1 - wrong(labels[n:], p[n:], bound) / n)
    # The spread over draws is about 0.065.
    assert 0.85 - 3 * 0.065 / np.sqrt(200) < np.mean(right) < 0.9


def test_one_half_where_the_model_is_right_anyway():
    labels = np.arange(60) % 6
    found = fit_answer_bound(labels, np.eye(6)[labels], TREE)
    assert 0.5 < found.bound < 0.500001
    assert found.measured == 1.0


def test_above_one_where_only_the_root_is_right():
    labels = np.arange(60) % 6
    found = fit_answer_bound(labels, np.eye(6)[(labels + 3) % 6], TREE)
    assert found.bound == np.nextafter(1.0, 2.0)
    assert found.measured == 1.0


def test_too_few_images_are_refused_with_the_number():
    labels, p = drawn(0, 19)
    fit_answer_bound(labels, p, TREE, accuracy=0.95)
    with pytest.raises(ValueError, match="at least 19 images"):
        fit_answer_bound(labels[:18], p[:18], TREE, accuracy=0.95)


def test_refuses_percent_and_sigmoids():
    labels, p = drawn(0, 30)
    with pytest.raises(ValueError, match="accuracy=95"):
        fit_answer_bound(labels, p, TREE, accuracy=95)
    with pytest.raises(ValueError, match="add up to 1"):
        fit_answer_bound(labels, p / 2, TREE)
