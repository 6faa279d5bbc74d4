"""Tests for fgkeras.ops.hyperparameter."""

import fractions

import numpy as np
import pytest

from fgkeras.ops.hyperparameter import Choice
from fgkeras.ops.hyperparameter import Flag
from fgkeras.ops.hyperparameter import Number


@pytest.mark.parametrize(
    ("rule", "held", "refused", "words"),
    [
        (Number(), (-1e9, 0, 1e9), (np.nan, np.inf), "a number."),
        (Number(above=0), (1e-9, 5), (0, -1), "a number above 0."),
        (Number(least=0), (0, 5), (-1e-9,), "a number at least 0."),
        (Number(above=0, most=1), (0.1, 1), (0, 1.1), r"in \(0, 1\]\."),
        (Number(least=0, below=2), (0, 1.9), (-1, 2), r"in \[0, 2\)\."),
        (Number(least=1, whole=True), (1, 2.0), (0, 1.5), "a whole number at"),
        (Number(infinite=True), (np.inf, -np.inf), (np.nan,), "a number."),
        (Number(optional=True), (None, 1), ("1",), "a number, or None."),
    ],
)
def test_number(rule, held, refused, words):
    for value in held:
        assert rule.checked("x", value) == value
    for value in refused:
        with pytest.raises(ValueError, match=f"`x` must be .*{words}"):
            rule.checked("x", value)


@pytest.mark.parametrize(
    "value", [None, "1", True, np.True_, 1j, [1.0], np.ones(1), object()]
)
def test_what_is_no_number(value):
    with pytest.raises(ValueError, match="Received: x="):
        Number().checked("x", value)


def test_what_comes_back_is_of_python():
    for value in (np.float32(2), np.int64(2), 2, fractions.Fraction(2)):
        assert type(Number().checked("x", value)) is float
        assert type(Number(whole=True).checked("x", value)) is int
    assert Number(optional=True).checked("x", None) is None
    assert type(Flag().checked("x", np.True_)) is bool


def test_message_says_the_way_out():
    rule = Number(above=0, hint="Half is usual.")
    with pytest.raises(ValueError) as error:
        rule.checked("share", np.float64(-1))
    assert str(error.value) == (
        "`share` must be a number above 0. Received: share=-1.0. Half is usual."
    )


def test_choice_and_flag():
    assert Choice(("a", "b")).checked("x", "b") == "b"
    for value in ("c", None, 1, ["a"]):
        with pytest.raises(ValueError, match="one of a, b. Received: x="):
            Choice(("a", "b")).checked("x", value)
    for value in (1, None, "yes"):
        with pytest.raises(ValueError, match="True or False. Received: x="):
            Flag().checked("x", value)
