"""Tests for fgkeras.ops.finite."""

import keras
import numpy as np
import pytest

from fgkeras.ops.finite import check_finite


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_names_the_place(value):
    rows = np.zeros((3, 2), "float32")
    rows[2, 1] = value
    for x in (rows, keras.ops.cast(rows, "bfloat16")):
        with pytest.raises(ValueError, match=rf"logits\[2, 1\]={value}"):
            check_finite("logits", x)


def test_what_passes():
    check_finite("logits", np.full((2, 2), 1e30, "float32"))
    check_finite("logits", [1, 2])
    check_finite("logits", keras.KerasTensor((2, 2)))
