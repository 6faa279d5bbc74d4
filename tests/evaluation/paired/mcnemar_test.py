import itertools
import math

import numpy as np
import pytest
from scipy import stats

from fgkeras.evaluation.paired.mcnemar import mcnemar


def by_tosses(b, c):
    """The share of all tosses of b + c coins that are as far from even."""
    n = b + c
    far = sum(
        math.comb(n, k) for k in range(n + 1) if abs(2 * k - n) >= abs(b - c)
    )
    return far / 2**n


@pytest.mark.parametrize(
    ("b", "c"), [(0, 0), (1, 0), (0, 6), (3, 3), (12, 2), (40, 61)]
)
def test_is_the_share_of_tosses(b, c):
    first = np.array([1] * b + [0] * c + [1, 1, 0])
    second = np.array([0] * b + [1] * c + [1, 1, 0])
    found = mcnemar(first, second)
    assert (found["only_first"], found["only_second"]) == (b, c)
    assert found["p"] == pytest.approx(by_tosses(b, c), rel=1e-10)
    if b + c:
        expected = stats.binomtest(b, b + c).pvalue
        assert found["p"] == pytest.approx(expected, rel=1e-10)
    assert mcnemar(second, first)["p"] == found["p"]


def test_all_tosses_of_five_coins_by_hand():
    tosses = list(itertools.product((0, 1), repeat=5))
    far = sum(abs(2 * sum(t) - 5) >= 3 for t in tosses) / len(tosses)
    found = mcnemar([1, 1, 1, 1, 0], [0, 0, 0, 0, 1])
    assert found == {"only_first": 4, "only_second": 1, "p": far}


def test_equal_classifiers_are_seldom_told_apart():
    generator = np.random.default_rng(0)
    ps = [mcnemar(*(generator.random((2, 200)) < 0.7))["p"] for _ in range(400)]
    assert np.mean(np.array(ps) < 0.05) <= 0.05 + 2 * 0.011


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [
        ([], [], "shapes"),
        ([1, 0], [1], "shapes"),
        ([[1]], [[1]], "shapes"),
        ([1, 2], [0, 1], "first with"),
        ([1, 0], [0, 0.5], "second with"),
        ([1, 0], [0, np.nan], "second with"),
    ],
)
def test_refuses_what_is_no_right_and_wrong(first, second, match):
    with pytest.raises(ValueError, match=match):
        mcnemar(first, second)
