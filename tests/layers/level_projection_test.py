"""The head of a cascade against NumPy."""

import keras
import numpy as np
import pytest

from fgkeras.layers import LevelProjection
from tests import harness

LENGTHS = (2, 5, 3)


def features(seed=0):
    x = np.random.default_rng(seed).standard_normal((4, sum(LENGTHS)))
    return x.astype("float32")


def test_each_part_by_its_own_weights():
    layer = LevelProjection(2, LENGTHS)
    x = features()
    y = keras.ops.convert_to_numpy(layer(x))
    weights = layer.get_weights()
    start, expected = 0, []
    for level, length in enumerate(LENGTHS):
        kernel, bias = weights[2 * level : 2 * level + 2]
        assert kernel.shape == (length, 2)
        for_level = x[:, start : start + length].astype("float64") @ kernel
        for_level += bias
        norm = np.sqrt(np.sum(for_level**2, axis=1, keepdims=True))
        expected.append(for_level / norm)
        start += length
    np.testing.assert_allclose(y, np.hstack(expected), rtol=1e-5, atol=1e-6)


def test_as_a_layer_of_keras(tmp_path):
    layer = LevelProjection(2, LENGTHS)
    x = features()
    harness.check_config(layer, lambda built: built(x))
    harness.check_symbolic_shape(layer, x)
    harness.check_saved_model(layer, x, tmp_path / "m.keras")
    kwargs = {"units": 2, "lengths": LENGTHS}
    harness.check_half_precision(LevelProjection, kwargs, x)
    harness.check_xla(layer, x)


def test_a_part_without_direction_has_no_slope():
    layer = LevelProjection(2, [2, 2])
    x = np.array([[0.0, 0.0, 1.0, 2.0]], "float32")
    y, gradient = harness.value_and_gradient(layer, x)
    assert not y[:, :2].any()
    assert not gradient[:, :2].any()
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("units", "lengths"), [(0, [2]), (2, []), (2, [0]), (1.5, [2])]
)
def test_bad_numbers(units, lengths):
    with pytest.raises(ValueError, match="whole numbers of at least 1"):
        LevelProjection(units, lengths)


def test_inputs_of_another_length():
    with pytest.raises(ValueError, match="vectors of 10 numbers"):
        LevelProjection(2, LENGTHS)(np.ones((1, 9), "float32"))
