"""Tests for fgkeras.ops.eager_values."""

import keras
import numpy as np

from fgkeras.ops.eager_values import eager_values
from tests import harness


def test_values_of_what_has_some():
    array = np.array([1.0, 2.0], "float32")
    assert eager_values(array) is array
    assert eager_values([1, 2]).tolist() == [1, 2]
    for dtype in ("float32", "bfloat16", "int32"):
        tensor = keras.ops.cast(array, dtype)
        assert eager_values(tensor).astype("float32").tolist() == [1.0, 2.0]


def test_symbolic_tensors_have_none():
    seen = []

    def look(x):
        seen.append(eager_values(x))
        return x

    harness.in_graph(look, np.ones(2, "float32"))
    assert seen == [None]
    assert eager_values(keras.KerasTensor((2,))) is None
