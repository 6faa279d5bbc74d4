"""Tests for fgkeras.ops.precision."""

import keras
import numpy as np
import pytest
from keras.backend import standardize_dtype

from fgkeras.ops.precision import default_precision
from fgkeras.ops.precision import full_precision
from tests import harness


@pytest.mark.parametrize(
    ("given", "lifted"),
    [
        ("float16", "float32"),
        ("bfloat16", "float32"),
        ("int32", "float32"),
        ("float32", "float32"),
        ("float64", "float64"),
    ],
)
def test_precision(given, lifted):
    with harness.float64():
        x = full_precision(keras.ops.cast(np.arange(3), given))
        assert standardize_dtype(x.dtype) == lifted
        np.testing.assert_array_equal(x, [0, 1, 2])


@pytest.mark.parametrize(
    ("floatx", "expected"),
    [("bfloat16", "float32"), ("float32", "float32"), ("float64", "float64")],
)
def test_default_precision(floatx, expected):
    keras.config.set_floatx(floatx)
    try:
        assert default_precision() == expected
    finally:
        keras.config.set_floatx("float32")
