"""Tests for fgkeras.layers.class_proxies."""

import keras
import numpy as np
import pytest

from fgkeras.layers import ClassProxies
from fgkeras.losses import ProxyAnchor
from tests import harness


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


@pytest.mark.parametrize("per_class", [None, 1, 3])
def test_cosines(x, per_class):
    layer = ClassProxies(5, per_class=per_class)
    found = np.asarray(layer(x))
    (proxies,) = layer.get_weights()
    norms = np.linalg.norm(x, axis=-1)[:, None]
    norms = norms * np.linalg.norm(proxies, axis=-1)
    expected = (x @ proxies.T / norms).reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    harness.check_symbolic_shape(layer, x)


def test_merging_is_the_mean_distance_within_classes(x):
    layer = ClassProxies(2, per_class=3, merging=0.5)
    layer(x)
    rows = layer.get_weights()[0].reshape(2, 3, 4)
    rows = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    expected = 0.0
    for c in range(2):
        for j in range(3):
            for k in range(j):
                dot = rows[c, j] @ rows[c, k]
                expected += np.sqrt(2 + 1e-5 - 2 * dot) / (2 * 3 * 2)
    np.testing.assert_allclose(layer.losses, [0.5 * expected], rtol=1e-4)


def test_optimizer_trains_them_and_the_file_keeps_them(x, tmp_path):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, ClassProxies(3)(inputs))
    model.compile(keras.optimizers.SGD(0.1), loss=ProxyAnchor())
    before = model.get_weights()[0]
    history = model.fit(
        x, np.array([0, 1, 2, 0, 1, 2]), epochs=5, verbose=0
    ).history["loss"]
    assert history[-1] < history[0]
    assert (model.get_weights()[0] != before).any()
    harness.check_saved_model(model, x, tmp_path / "model.keras")


def test_config_and_half_precision(x):
    layer = ClassProxies(3, per_class=2, merging=0.1)
    harness.check_config(layer, lambda used: used(x))
    exact = ClassProxies(3)
    expected = np.asarray(exact(x))
    mixed = ClassProxies(3, dtype="mixed_bfloat16")
    assert mixed(keras.Input((x.shape[1],))).dtype == "float32"
    mixed.set_weights(exact.get_weights())
    # Nothing is rounded on the way, neither inputs nor proxies nor cosines.
    np.testing.assert_array_equal(np.asarray(mixed(x)), expected)


@pytest.mark.parametrize(
    "kwargs",
    [{"num_classes": 0}, {"per_class": 0}, {"merging": -1.0}],
)
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        ClassProxies(**{"num_classes": 2, **kwargs})
