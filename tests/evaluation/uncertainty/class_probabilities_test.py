import numpy as np
import pytest

from fgkeras.evaluation.uncertainty import class_probabilities
from fgkeras.evaluation.uncertainty.class_probabilities import (
    check_probabilities,
)


def test_whole_and_half_numbers_become_float64():
    assert check_probabilities([[1, 0]]).dtype == np.float64
    half = np.array([[0.5, 0.5]], np.float16)
    assert check_probabilities(half).dtype == np.float64
    single = np.array([[0.5, 0.5]], np.float32)
    assert check_probabilities(single) is single


@pytest.mark.parametrize(
    "given",
    [[0.5, 0.5], [[]], np.zeros((0, 2)), [["a", "b"]], [[True, False]]],
)
def test_refuses_other_shapes_and_kinds(given):
    with pytest.raises(ValueError, match="must be numbers of shape"):
        check_probabilities(given)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan, np.inf])
def test_names_the_value_that_is_none(wrong, monkeypatch):
    # Also in a later block.
    monkeypatch.setattr(class_probabilities, "_BLOCK_VALUES", 4)
    given = np.full((7, 2), 0.5)
    given[5, 1] = wrong
    with pytest.raises(ValueError, match=r"probabilities\[5, 1\]="):
        check_probabilities(given)


def test_sums_are_asked_where_they_must_be_one(monkeypatch):
    monkeypatch.setattr(class_probabilities, "_BLOCK_VALUES", 4)
    given = np.full((5, 2), 0.5)
    given[4] = 0.9
    check_probabilities(given)
    with pytest.raises(ValueError, match="a sum of 1.8 in row 4"):
        check_probabilities(given, sum_to_one=True)
