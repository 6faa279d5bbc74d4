"""Tests for fgkeras.evaluation.similarity."""

import numpy as np
import pytest

from fgkeras.evaluation.similarity import check_integers


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_whole_numbers_pass(dtype):
    found = check_integers("labels", np.array([7, 1], dtype), 2)
    assert found.dtype == np.int64
    assert found.tolist() == [7, 1]


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        ([0, 1.5], "float64"),
        ([0, np.nan], "float64"),
        ([0, np.inf], "float64"),
        (np.float32([0, 2**24]), "float32"),
        (np.float16([0, 2049]), "float16"),
        ([True, False], "bool"),
        (["a", "b"], "<U1"),
    ],
)
def test_what_is_no_label(labels, dtype):
    with pytest.raises(ValueError, match=f"dtype={dtype} for 2 images"):
        check_integers("labels", labels, 2)
