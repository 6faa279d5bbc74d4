"""The other poolings: bilinear, compact bilinear, dense, and what follows."""

import numpy as np
import pytest

from fgkeras.layers import BilinearPooling
from fgkeras.layers import CompactBilinearPooling
from fgkeras.layers import FullyConnectedPooling
from fgkeras.layers import KernelCoefficients
from fgkeras.layers import KernelPooling
from fgkeras.layers import KernelSketch
from fgkeras.layers import ScaledUnitNormalization
from fgkeras.layers import SignedSquareRoot
from tests import harness

LAYERS = {
    "bilinear": (BilinearPooling, {}),
    "compact": (CompactBilinearPooling, {"sketch_dim": 16}),
    "compact_fft": (
        CompactBilinearPooling,
        {"sketch_dim": 15, "transform": "fft"},
    ),
    "kernel_fft": (
        KernelPooling,
        {"sketch_dim": 61, "order": 4, "transform": "fft"},
    ),
    "dense": (FullyConnectedPooling, {"units": 6}),
    "sketch": (KernelSketch, {"sketch_dim": 8, "order": 2}),
    "root": (SignedSquareRoot, {}),
}


@pytest.fixture
def inputs():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    return x.astype("float32")


def test_bilinear_is_the_mean_outer_product(inputs):
    y = harness.to_numpy(BilinearPooling()(inputs))
    for b in range(2):
        rows = inputs[b].reshape(12, 5).astype("float64")
        expected = sum(np.outer(r, r) for r in rows) / 12
        np.testing.assert_allclose(
            y[b].reshape(5, 5), expected, rtol=1e-5, atol=1e-6
        )


def test_compact_bilinear_estimates_the_bilinear_kernel(inputs):
    full = harness.to_numpy(BilinearPooling()(inputs))
    for transform in ("fourier", "fft", "hadamard"):
        layer = CompactBilinearPooling(2**14, transform=transform)
        y = harness.to_numpy(layer(inputs))
        np.testing.assert_allclose(y @ y.T, full @ full.T, rtol=0.1, atol=0.05)


def test_compact_bilinear_is_the_second_order_of_kernel_pooling(inputs):
    compact = CompactBilinearPooling(16, seed=4)
    kernel = KernelPooling(
        16, order=2, normalize=False, coefficients=[1, 1, 1], seed=4
    )
    np.testing.assert_allclose(
        harness.to_numpy(compact(inputs)),
        harness.to_numpy(kernel(inputs))[:, -16:],
        rtol=1e-6,
    )


def test_coefficients_on_a_kept_sketch_are_kernel_pooling(inputs):
    whole = KernelPooling(8, order=3, seed=1)
    kept = KernelSketch(8, order=3, seed=1)(inputs)
    part = KernelCoefficients(whole.scale.start, sketch_dim=8)
    np.testing.assert_allclose(
        harness.to_numpy(part(kept)),
        harness.to_numpy(whole(inputs)),
        rtol=1e-6,
    )


def test_dense_baseline(inputs):
    layer = FullyConnectedPooling(6, dropout=0.0)
    y = harness.to_numpy(layer(inputs))
    w1, b1, w2, b2 = layer.get_weights()
    hidden = np.maximum(inputs.reshape(2, 60) @ w1 + b1, 0)
    np.testing.assert_allclose(
        y, np.maximum(hidden @ w2 + b2, 0), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("name", LAYERS)
def test_shared_checks(name, inputs, tmp_path):
    cls, kwargs = LAYERS[name]
    layer = cls(**kwargs)
    harness.check_symbolic_shape(layer, inputs)
    harness.check_config(cls(**kwargs), call=lambda f: f(inputs))
    harness.check_saved_model(cls(**kwargs), inputs, tmp_path / "m.keras")
    harness.check_xla(layer, inputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "name", ["bilinear", "compact", "kernel_fft", "sketch", "root"]
)
def test_half_precision(name, inputs, half):
    cls, kwargs = LAYERS[name]
    x = np.round(inputs * 4) / 4
    harness.check_half_precision(cls, kwargs, x, half)


@pytest.mark.parametrize(
    "name", ["bilinear", "compact", "kernel_fft", "sketch"]
)
def test_zero_map_through_root_and_norm_has_finite_gradients(name):
    cls, kwargs = LAYERS[name]
    layer, root = cls(**kwargs), SignedSquareRoot()
    norm = ScaledUnitNormalization()
    _, gradient = harness.value_and_gradient(
        lambda x: norm(root(layer(x))), np.zeros((1, 2, 2, 5), "float32")
    )
    assert np.isfinite(gradient).all()


def test_bad_arguments():
    with pytest.raises(ValueError, match="units=0"):
        FullyConnectedPooling(0)
    with pytest.raises(ValueError, match="dropout=1.0"):
        FullyConnectedPooling(dropout=1.0)
    with pytest.raises(ValueError, match="smoothing=0"):
        SignedSquareRoot(0)
    with pytest.raises(ValueError, match="sketch_dim=100"):
        CompactBilinearPooling(100)
    with pytest.raises(ValueError, match="order=0"):
        KernelSketch(order=0)
    with pytest.raises(ValueError, match="start="):
        KernelCoefficients([1.0], sketch_dim=4)
