"""Tests for fgkeras.layers.distance_boundary."""

import keras
import numpy as np
import pytest

from fgkeras.layers import DistanceBoundary
from fgkeras.losses import Margin
from tests import harness


def test_columns_and_config():
    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    layer = DistanceBoundary(2, initial=0.7)
    found = np.asarray(layer(x))
    np.testing.assert_array_equal(found[:, :4], x)
    np.testing.assert_array_equal(found[:, 4:], np.float32(0.7))
    harness.check_symbolic_shape(layer, x)
    harness.check_config(layer)
    mixed = DistanceBoundary(2, initial=0.7, dtype="mixed_bfloat16")
    np.testing.assert_array_equal(np.asarray(mixed(x)), found)


def test_fit_moves_the_boundary(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 4)).astype("float32"), np.arange(16) % 4
    inputs = keras.Input((4,))
    model = keras.Model(inputs, DistanceBoundary(4)(inputs))
    model.compile(keras.optimizers.SGD(0.1), loss=Margin(num_boundaries=4))
    model.fit(x, y, verbose=0)
    assert (model.get_weights()[0] != np.float32(1.2)).any()
    harness.check_saved_model(model, x, tmp_path / "model.keras")


@pytest.mark.parametrize("kwargs", [{"num_boundaries": 0}, {"initial": 0.0}])
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        DistanceBoundary(**kwargs)
