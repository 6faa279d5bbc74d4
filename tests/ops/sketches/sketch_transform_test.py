"""Transforms against NumPy's and against their algebra."""

import numpy as np
import pytest

from fgkeras.ops import sketch_transform
from tests import harness


@pytest.mark.parametrize("sketch_dim", [1, 2, 7, 12, 64, 75])
def test_fourier_holds_the_spectrum(sketch_dim):
    group = sketch_transform("fourier", sketch_dim)
    y = np.random.default_rng(0).standard_normal((sketch_dim, 3))
    with harness.float64():
        real, imag = (harness.to_numpy(a) for a in group.forward(y))
    first = sketch_dim // group.columns
    expected = np.fft.fft(y, axis=0)
    for k in range(group.rows):
        for m in range(group.columns):
            np.testing.assert_allclose(
                real[k, m] + 1j * imag[k, m],
                expected[k + first * m],
                atol=1e-11,
            )


@pytest.mark.parametrize("sketch_dim", [1, 2, 7, 12, 514])
def test_fft_holds_the_spectrum(sketch_dim):
    group = sketch_transform("fft", sketch_dim)
    y = np.random.default_rng(0).standard_normal((sketch_dim, 3))
    with harness.float64():
        real, imag = (harness.to_numpy(a) for a in group.forward(y))
    for k in range(sketch_dim // 2 + 1):
        turns = np.exp(-2j * np.pi * k * np.arange(sketch_dim) / sketch_dim)
        np.testing.assert_allclose(
            real[:, k] + 1j * imag[:, k], turns @ y, atol=1e-11
        )


def test_hadamard_is_a_product_over_bits():
    group = sketch_transform("hadamard", 32)
    with harness.float64():
        (y,) = group.forward(np.eye(32))
        matrix = harness.to_numpy(y).reshape(32, 32)
    for i in range(32):
        for j in range(32):
            assert matrix[i, j] == (-1) ** bin(i & j).count("1")


@pytest.mark.parametrize(
    ("name", "sketch_dim"),
    [
        *(("fourier", n) for n in (7, 9, 12)),
        *(("fft", n) for n in (1, 2, 7, 12, 514)),
        ("hadamard", 32),
    ],
)
def test_transpose_and_inverse(name, sketch_dim):
    group = sketch_transform(name, sketch_dim)
    rng = np.random.default_rng(1)
    y = rng.standard_normal((sketch_dim, 2))
    with harness.float64():
        spectrum = group.forward(y)
        back = harness.to_numpy(group.back(group.weigh(spectrum)))
        other = tuple(rng.standard_normal(a.shape) for a in spectrum)
        transpose = harness.to_numpy(group.back(group.unweigh(other)))
    np.testing.assert_allclose(back, y, atol=1e-12)
    inner = sum(
        np.sum(harness.to_numpy(a) * b)
        for a, b in zip(spectrum, other, strict=True)
    )
    np.testing.assert_allclose(np.sum(y * transpose), inner, rtol=1e-11)


@pytest.mark.parametrize("name", ["fourier", "fft", "hadamard"])
def test_laid_out_by_images_and_locations(name):
    group = sketch_transform(name, 16)
    y = np.random.default_rng(2).standard_normal((16, 3 * 5))
    with harness.float64():
        for part in group.forward(y):
            apart = group.apart(part, 3, 5)
            np.testing.assert_array_equal(
                harness.to_numpy(group.together(apart)), harness.to_numpy(part)
            )
            sums = group.over_locations(apart)
            assert sums.shape[0] == 3
            spread = harness.to_numpy(group.per_location(sums))
            (axis,) = (
                i
                for i, (a, b) in enumerate(
                    zip(spread.shape, apart.shape, strict=True)
                )
                if a != b
            )
            np.testing.assert_allclose(
                spread,
                harness.to_numpy(apart).sum(axis=axis, keepdims=True),
                atol=1e-12,
            )


@pytest.mark.parametrize("channels", [1, 9, 30, 10**4])
def test_another_layout_is_the_same_transform(channels):
    group = sketch_transform("hadamard", 64)
    other = sketch_transform("hadamard", 64, channels)
    assert other.rows * other.columns == 64
    y = np.random.default_rng(0).standard_normal((64, 3))
    with harness.float64():
        (a,), (b,) = group.forward(y), other.forward(y)
        back = harness.to_numpy(other.back(other.weigh((b,))))
    np.testing.assert_allclose(
        harness.to_numpy(a).reshape(64, 3),
        harness.to_numpy(b).reshape(64, 3),
        atol=1e-12,
    )
    np.testing.assert_allclose(back, y, atol=1e-12)


def test_layouts_for_some_channels():
    # Rows and what shares one: 32 + 28 of 512 channels are less than 64 + 17.
    for channels, rows in ((512, 32), (1280, 32), (10**5, 64)):
        assert sketch_transform("hadamard", 4096, channels).rows == rows
