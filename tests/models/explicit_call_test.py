"""Fixed calls: which gradients arrive, what is counted, what moves."""

import keras
import numpy as np

from fgkeras.models.frozen_call import call_frozen
from fgkeras.models.frozen_call import call_masked
from fgkeras.models.frozen_call import call_without_update
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
    mask = np.array([1, 1, 0, 1, 1, 0], bool)
    alone = to_numpy(call_without_update(layer, x[mask]))
    for seed in range(3):
        y = x.copy()
        y[~mask] = np.random.default_rng(seed).standard_normal((2, 2)) * 50
        out = to_numpy(call_without_update(layer, y, mask=mask))
        np.testing.assert_allclose(out[mask], alone, atol=1e-5)
        out = to_numpy(call_frozen(layer, y, mask=mask))
        np.testing.assert_allclose(out[mask], alone, atol=1e-5)


def test_gradients_reach_inputs_and_statistics_stay():
    x, layer = rows(), small_layer()
    weight = np.arange(18.0).reshape(6, 3).astype("float32")
    before = layer.get_weights()
    both = [
        value_and_gradient(lambda z, call=call: weight * call(layer, z), x)
        for call in (call_frozen, call_without_update)
    ]
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)

    def plain(z):
        with keras.StatelessScope():
            return weight * call_masked(layer, z)

    expected = value_and_gradient(plain, x)
    call_masked(layer, x)
    assert (layer.get_weights()[-1] != before[-1]).any()
    for value, gradient in both:
        np.testing.assert_allclose(value, expected[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(gradient, expected[1], rtol=1e-4, atol=1e-5)
