"""Tests for fgkeras.layers.uniform_lots."""

import keras
import numpy as np

from fgkeras.layers import UniformLots
from tests import harness


def test_config_shape_and_half_precision():
    rows = np.ones((5, 3), "float32")
    layer = UniformLots(4, seed=1)
    harness.check_config(layer, lambda it: it(rows))
    harness.check_symbolic_shape(layer, rows)
    mixed = UniformLots(seed=1, dtype="mixed_bfloat16")
    lots = harness.to_numpy(mixed(keras.ops.cast(rows, "bfloat16")))[:, 3:]
    assert lots.dtype == np.float32
    # More digits than half precision has.
    assert (lots * 256 % 1 != 0).any()


def test_numbers_are_uniform():
    lots = harness.to_numpy(UniformLots(seed=0)(np.zeros((4000, 1))))[:, 1:]
    np.testing.assert_allclose(lots.mean(axis=0), 0.5, atol=0.02)
    assert abs(np.corrcoef(lots.T)[0, 1]) < 0.05
