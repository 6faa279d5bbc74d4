"""Tests for fgkeras.models.cifar_resnet."""

import keras
import numpy as np
import pytest

from fgkeras.models.cifar_resnet import build_cifar_resnet
from tests import harness


def convolve(x, kernel, stride):
    """Pads one pixel on each side, then visits every `stride`-th window."""
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    side = (x.shape[1] - 3) // stride + 1
    out = np.zeros((len(x), side, side, kernel.shape[-1]))
    for i in range(side):
        for j in range(side):
            r, c = i * stride, j * stride
            window = x[:, r : r + 3, c : c + 3]
            out[:, i, j] = np.tensordot(window, kernel, axes=3)
    return out


def forward(model, pixels):
    """The network in NumPy, with batch normalization as freshly built."""
    kernels = [
        harness.to_numpy(layer.kernel).astype("float64")
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    norm = 1 / np.sqrt(1 + 1e-5)
    x = np.maximum(norm * convolve(pixels / 128 - 1, kernels[0], 1), 0)
    for first, second in zip(kernels[1::2], kernels[2::2], strict=True):
        before, after = first.shape[2:]
        stride = 2 if before != after else 1
        y = np.maximum(norm * convolve(x, first, stride), 0)
        y = norm * convolve(y, second, 1)
        if stride == 2:
            b, h, w, _ = x.shape
            x = x.reshape(b, h // 2, 2, w // 2, 2, before).mean((2, 4))
            zeros = np.zeros((*x.shape[:3], (after - before) // 2))
            x = np.concatenate([zeros, x, zeros], axis=-1)
        x = np.maximum(x + y, 0)
    return x


def test_matches_numpy():
    model = build_cifar_resnet(20, (8, 8, 3))
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3))
    np.testing.assert_allclose(
        model.predict(pixels.astype("float32"), verbose=0),
        forward(model, pixels),
        rtol=1e-3,
        atol=1e-4,
    )


@pytest.mark.parametrize(("depth", "blocks"), [(20, 3), (32, 5), (56, 9)])
def test_number_of_weights(depth, blocks):
    def count(inputs, outputs):
        return 9 * inputs * outputs + 2 * outputs

    expected = (
        count(3, 16)
        + 2 * blocks * count(16, 16)
        + count(16, 32)
        + (2 * blocks - 1) * count(32, 32)
        + count(32, 64)
        + (2 * blocks - 1) * count(64, 64)
    )
    model = build_cifar_resnet(depth)
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert trainable == expected
    assert model.output_shape == (None, 8, 8, 64)


def test_layer_settings():
    model = build_cifar_resnet(20)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert (layer.momentum, layer.epsilon) == (0.9, 1e-5)
        if isinstance(layer, keras.layers.Conv2D):
            assert not layer.use_bias
            assert type(layer.kernel_initializer).__name__ == "GlorotUniform"


def test_unknown_depth():
    with pytest.raises(ValueError, match="depth=44"):
        build_cifar_resnet(44)
