"""Calls with chosen weights: which gradients arrive, what counts and moves."""

import keras
import numpy as np

from fgkeras.models.explicit_call import call_with
from fgkeras.models.explicit_call import fixed
from fgkeras.models.explicit_call import weights_of
from tests.harness import to_numpy
from tests.harness import value_and_gradient


def small_layer():
    keras.utils.set_random_seed(0)
    layer = keras.Sequential(
        [
            keras.layers.Dense(3),
            keras.layers.BatchNormalization(),
            keras.layers.UnitNormalization(),
        ]
    )
    layer.build((None, 2))
    return layer


def rows():
    return np.random.default_rng(0).standard_normal((6, 2)).astype("float32")


def test_rows_left_out_change_nothing_for_the_others():
    x, layer = rows(), small_layer()
    weights = weights_of(layer)
    mask = np.array([1, 1, 0, 1, 1, 0], bool)
    alone = to_numpy(call_with(layer, weights, x[mask]))
    for seed in range(3):
        y = x.copy()
        y[~mask] = np.random.default_rng(seed).standard_normal((2, 2)) * 50
        out = to_numpy(call_with(layer, weights, y, mask=mask))
        np.testing.assert_allclose(out[mask], alone, atol=1e-5)


def test_gradients_reach_inputs_and_statistics_stay():
    x, layer = rows(), small_layer()
    weight = np.arange(18.0).reshape(6, 3).astype("float32")
    before = layer.get_weights()
    live = value_and_gradient(
        lambda z: weight * call_with(layer, weights_of(layer), z), x
    )
    held = value_and_gradient(
        lambda z: weight * call_with(layer, fixed(weights_of(layer)), z), x
    )
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(
        live[0],
        weight * to_numpy(layer(x, training=True)),
        rtol=1e-5,
        atol=1e-6,
    )
    for a, b in zip(live, held, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert np.abs(live[1]).max() > 0
