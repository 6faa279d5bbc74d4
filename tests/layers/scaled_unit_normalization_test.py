"""The scaled unit vectors against NumPy."""

import keras
import numpy as np
import pytest

from fgkeras.layers import ScaledUnitNormalization
from tests import harness


def test_values_and_zero_vector():
    x = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    x[2] = 0
    y = keras.ops.convert_to_numpy(ScaledUnitNormalization(scale=7.0)(x))
    for i in (0, 1, 3):
        np.testing.assert_allclose(
            y[i], 7 * x[i] / np.linalg.norm(x[i]), rtol=1e-5
        )
    np.testing.assert_array_equal(y[2], 0)


def test_config_round_trip_and_error():
    layer = ScaledUnitNormalization(scale=3.0)
    twin = ScaledUnitNormalization.from_config(layer.get_config())
    assert twin.scale == 3.0
    with pytest.raises(ValueError, match="scale=0"):
        ScaledUnitNormalization(scale=0)


def test_a_zero_vector_has_no_slope():
    layer = ScaledUnitNormalization(10.0)
    y, gradient = harness.value_and_gradient(layer, np.zeros((1, 4), "float32"))
    np.testing.assert_array_equal(y, 0)
    np.testing.assert_array_equal(gradient, 0)
