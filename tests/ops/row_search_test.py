"""Tests for fgkeras.ops.row_search."""

import numpy as np
import pytest

from fgkeras.ops import row_search
from tests import harness


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("length", [1, 2, 7, 8, 9])
def test_is_searchsorted_of_each_row(length, side):
    rng = np.random.default_rng(length)
    rows = np.sort(rng.integers(0, 6, (5, length)), axis=-1).astype("float32")
    values = rng.integers(-1, 8, (5, 11)).astype("float32")
    expected = [
        np.searchsorted(r, v, side) for r, v in zip(rows, values, strict=True)
    ]
    np.testing.assert_array_equal(row_search(rows, values, side), expected)


def test_rows_that_end_in_infinity():
    rows = np.array([[1.0, np.inf, np.inf]], "float32")
    values = np.array([[0.0, 1.0, 9.0]], "float32")
    np.testing.assert_array_equal(row_search(rows, values), [[0, 0, 1]])


@pytest.mark.skipif(
    harness.keras.backend.backend() != "tensorflow", reason="static in JAX"
)
def test_unknown_number_of_columns():
    import tensorflow as tf

    run = tf.function(
        row_search,
        input_signature=[tf.TensorSpec((None, None)), tf.TensorSpec((None, 3))],
    )
    rows = np.array([[1.0, 2.0, 2.0, 3.0, 3.0]], "float32")
    values = np.array([[2.5, 0.0, 3.5]], "float32")
    np.testing.assert_array_equal(run(rows, values), [[3, 0, 5]])


def test_unknown_side():
    with pytest.raises(ValueError, match="side='middle'"):
        row_search(np.zeros((1, 1)), np.zeros((1, 1)), "middle")
