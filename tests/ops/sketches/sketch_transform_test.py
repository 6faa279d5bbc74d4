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
    [("fourier", 7), ("fourier", 12), ("fourier", 9), ("hadamard", 32)],
)
def test_adjoint_and_inverse(name, sketch_dim):
    group = sketch_transform(name, sketch_dim)
    rng = np.random.default_rng(1)
    y = rng.standard_normal((sketch_dim, 2))
    with harness.float64():
        spectrum = group.forward(y)
        back = harness.to_numpy(group.adjoint(group.weigh(spectrum)))
        other = tuple(rng.standard_normal(a.shape) for a in spectrum)
        adjoint = harness.to_numpy(group.adjoint(other))
    np.testing.assert_allclose(back, y, atol=1e-12)
    inner = sum(
        np.sum(harness.to_numpy(a) * b)
        for a, b in zip(spectrum, other, strict=True)
    )
    np.testing.assert_allclose(np.sum(y * adjoint), inner, rtol=1e-11)
