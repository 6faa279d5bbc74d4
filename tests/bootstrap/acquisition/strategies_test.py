"""Threshold, margin, entropy, the cap of a class, and one of your own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.acquisition import Candidates
from fgkeras.bootstrap.acquisition import class_cap
from fgkeras.bootstrap.acquisition import entropy
from fgkeras.bootstrap.acquisition import margin
from fgkeras.bootstrap.acquisition import threshold


def pool(seed=0, count=60):
    return Candidates.of(np.random.default_rng(seed).dirichlet([1] * 4, count))


def test_exactly_the_threshold_is_not_above():
    scores = [0.5, np.nextafter(0.5, 1), 0.5000001, 0.4, 0.9]
    found = Candidates(scores, np.zeros(5), np.zeros(5, int))
    assert threshold(found).tolist() == [4, 2, 1]
    half = Candidates(np.float32([0.5]), [0.5], [0])
    assert threshold(half).tolist() == []
    assert threshold(found, above=0.0).tolist() == [4, 2, 1, 0, 3]


def test_orders_are_those_of_sorted():
    candidates = pool()
    rows = range(60)
    assert threshold(candidates, above=0.4).tolist() == sorted(
        (i for i in rows if candidates.scores[i] > 0.4),
        key=lambda i: -candidates.scores[i],
    )
    assert margin(candidates).tolist() == sorted(
        rows, key=lambda i: candidates.scores[i] - candidates.rivals[i]
    )
    assert (
        entropy(candidates, count=7).tolist()
        == sorted(rows, key=lambda i: -candidates.entropies[i])[:7]
    )
    assert margin(candidates, count=0).tolist() == []


def test_of_equal_ones_the_first_comes_first():
    same = Candidates.of(np.tile([[0.6, 0.4]], (9, 1)))
    for strategy in (threshold, margin, entropy):
        assert strategy(same).tolist() == list(range(9))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 5), st.data())
def test_cap_keeps_the_first_of_each_class(classes, cap, data):
    order = data.draw(st.permutations(range(len(classes))))
    order = order[: data.draw(st.integers(0, len(classes)))]
    seen, expected = {}, []
    for i in order:
        seen[classes[i]] = seen.get(classes[i], 0) + 1
        if seen[classes[i]] <= cap:
            expected.append(i)
    assert class_cap(order, classes, cap=cap).tolist() == expected


def test_a_strategy_of_ones_own_goes_with_the_cap():
    candidates = pool(3)

    def least_likely(candidates):
        return np.argsort(candidates.scores)

    order = class_cap(least_likely(candidates), candidates.classes, cap=2)
    assert len(order) == 8
    assert candidates.scores[order[0]] == candidates.scores.min()


def test_refuses():
    candidates = pool()
    for above in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError, match=f"above={above}"):
            threshold(candidates, above=above)
    for strategy in (margin, entropy):
        with pytest.raises(ValueError, match="count=-1"):
            strategy(candidates, count=-1)
    with pytest.raises(ValueError, match="entropies=None"):
        entropy(Candidates([0.5], [0.1], [0]))
    with pytest.raises(ValueError, match="cap=0"):
        class_cap([0], [1], cap=0)
    with pytest.raises(ValueError, match="from 0 to 1 for 1"):
        class_cap([0, 1], [1], cap=1)
