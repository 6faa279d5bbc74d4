"""Tests for fgkeras.layers.cosine_logits."""

import keras
import numpy as np
import pytest

from fgkeras.layers import CosineLogits
from tests import harness


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


@pytest.mark.parametrize("learn_scale", [False, True])
def test_cosines(x, learn_scale):
    layer = CosineLogits(5, scale=7.0, learn_scale=learn_scale)
    found = np.asarray(layer(x))
    kernel = harness.to_numpy(layer.kernel).astype("float64")
    for i in range(6):
        for c in range(5):
            a, b = x[i].astype("float64"), kernel[:, c]
            cosine = a @ b / np.sqrt((a @ a) * (b @ b))
            assert found[i, c] == pytest.approx(7.0 * cosine, abs=1e-5)
    harness.check_symbolic_shape(layer, x)
    assert len(layer.trainable_weights) == 1 + learn_scale


def test_lengths_do_not_matter(x):
    layer = CosineLogits(3)
    expected = np.asarray(layer(x))
    layer.kernel.assign(layer.kernel * np.array([1.0, 9.0, 1e-3], "float32"))
    np.testing.assert_allclose(layer(100.0 * x), expected, atol=1e-4)


def test_zero_vector_has_no_slope():
    layer = CosineLogits(3)
    zero = np.zeros((1, 4), "float32")
    layer(zero)
    value, slope = harness.value_and_gradient(layer, zero)
    assert not value.any()
    assert not slope.any()


def test_gradient(x):
    with harness.float64():
        layer = CosineLogits(3, learn_scale=True, dtype="float64")
        layer(x.astype("float64"))
        rng = np.random.default_rng(1)
        weights = rng.normal(size=3)
        harness.check_gradient(lambda z: layer(z) * weights, x, rng)


@pytest.mark.slow
def test_scale_is_learned_and_kept(x, tmp_path):
    inputs = keras.Input((4,))
    layer = CosineLogits(3, scale=2.0, learn_scale=True)
    model = keras.Model(inputs, layer(inputs))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    model.fit(x, np.array([0, 1, 2, 0, 1, 2]), verbose=0)
    assert float(layer.log_scale.numpy()) != pytest.approx(np.log(2.0))
    harness.check_saved_model(model, x, tmp_path / "model.keras")


def test_config_and_half_precision(x):
    harness.check_config(
        CosineLogits(3, learn_scale=True), lambda used: used(x)
    )
    exact = CosineLogits(3)
    expected = np.asarray(exact(x))
    mixed = CosineLogits(3, dtype="mixed_bfloat16")
    assert mixed(keras.Input((4,))).dtype == "float32"
    mixed.set_weights(exact.get_weights())
    np.testing.assert_array_equal(np.asarray(mixed(x)), expected)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"units": 0},
        {"units": 1.5},
        {"scale": 0},
        {"scale": float("inf")},
        {"scale": float("nan")},
    ],
)
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        CosineLogits(**{"units": 2, **kwargs})
