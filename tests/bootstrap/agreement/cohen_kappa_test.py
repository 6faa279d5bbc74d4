import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from fgkeras.bootstrap.agreement import cohen_kappa

ANSWERS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30
)


def kappa_by_loops(pairs, num_classes):
    """The definition by shares."""
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    chance = sum(
        (sum(a == c for a, _ in pairs) / n)
        * (sum(b == c for _, b in pairs) / n)
        for c in range(num_classes)
    )
    return (agreed - chance) / (1 - chance) if chance < 1 - 1e-12 else math.nan


@settings(derandomize=True, deadline=None, max_examples=60)
@given(ANSWERS)
def test_is_the_definition_and_knows_no_order(pairs):
    first, second = zip(*pairs, strict=True)
    got = cohen_kappa(first, second, 3)
    expected = kappa_by_loops(pairs, 3)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    np.testing.assert_equal(cohen_kappa(second, first, 3), got)
    renamed = [np.array([2, 0, 1])[list(side)] for side in (first, second)]
    np.testing.assert_allclose(cohen_kappa(*renamed, 3), got, atol=1e-12)


def test_textbook_table():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.7 agreed, 0.5 by chance.
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(first, second, 2) == pytest.approx(0.4)


def test_ends():
    assert cohen_kappa([0, 1, 2], [0, 1, 2], 3) == 1
    assert cohen_kappa([0, 1], [1, 0], 2) == -1
    # Who says "no" to all agrees as chance does, however often.
    assert cohen_kappa([0] * 20, [0] * 19 + [1], 2) == 0
    assert math.isnan(cohen_kappa([], [], 2))
    assert math.isnan(cohen_kappa([1] * 7, [1] * 7, 2))
    # Each always the same, but not the other's: no agreement, none by chance.
    assert cohen_kappa([1, 1], [0, 0], 2) == 0


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([0, 1], [0], r"second.shape=\(1,\)"),
        ([0, 2], [0, 1], "first="),
        ([0, 1], [0, -1], "second="),
        ([0.0, 1.0], [0, 1], "first="),
    ],
)
def test_refuses_what_is_no_answer(first, second, words):
    with pytest.raises(ValueError, match=words):
        cohen_kappa(first, second, 2)
