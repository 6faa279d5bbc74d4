"""Kernels, their exact features and the published approximation errors."""

import math

import numpy as np
import pytest

from fgkeras.ops import gamma_of_data
from fgkeras.ops import hash_tables
from fgkeras.ops import mean_inner_product
from fgkeras.ops import rbf_kernel
from fgkeras.ops import relative_kernel_error
from fgkeras.ops import taylor_coefficients
from fgkeras.ops import taylor_error_bound
from fgkeras.ops import taylor_kernel
from fgkeras.ops import tensor_product_features
from fgkeras.ops import tensor_sketch
from tests import harness


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_series_ends_at_the_rbf_kernel():
    x, y = unit(np.random.default_rng(0).standard_normal((2, 9, 5)))
    with harness.float64():
        exact = harness.to_numpy(rbf_kernel(x, y, 0.7))
        series = harness.to_numpy(
            taylor_kernel(x, y, taylor_coefficients(0.7, 25))
        )
    np.testing.assert_allclose(
        exact, np.exp(-0.7 * ((x - y) ** 2).sum(-1)), rtol=1e-12
    )
    np.testing.assert_allclose(series, exact, rtol=1e-12)


def test_kernel_is_the_sum_of_squared_coefficients():
    x, y = np.random.default_rng(1).standard_normal((2, 4, 5))
    a = [0.5, -2.0, 0.0, 3.0]
    with harness.float64():
        kernel = harness.to_numpy(taylor_kernel(x, y, a))
        fx, fy = (
            harness.to_numpy(tensor_product_features(v, a)) for v in (x, y)
        )
    product = (x * y).sum(-1)
    expected = 0.25 + 4.0 * product + 9.0 * product**3
    np.testing.assert_allclose(kernel, expected, rtol=1e-12)
    np.testing.assert_allclose((fx * fy).sum(-1), expected, rtol=1e-12)


# Mean relative error against the RBF kernel at gamma 0.5, 512 channels, of
# unit vectors relu(N(0, 1)) with mean inner product 0.318: 4 draws of the
# tables, 4,000 pairs each.
ERRORS = {(200, 2): 0.0227, (200, 4): 0.0267, (1000, 2): 0.0106}
ERRORS[1000, 4] = 0.0126


@pytest.mark.parametrize("sketch_dim", [200, 1000])
def test_reference_errors(sketch_dim):
    rng = np.random.default_rng(0)
    x, y = unit(np.maximum(rng.standard_normal((2, 1000, 512)), 0))
    kernel = np.exp(-0.5 * ((x - y) ** 2).sum(-1))
    a = taylor_coefficients(0.5, 4)
    found = {2: [], 4: []}
    for seed in range(3):
        buckets, signs = hash_tables(4, 512, sketch_dim, seed)
        parts = [
            [a[0] * np.ones((1000, 1)), a[1] * v]
            + [
                a[t]
                * harness.to_numpy(
                    tensor_sketch(
                        v.astype("float32"), buckets[:t], signs[:t], sketch_dim
                    )
                )
                for t in (2, 3, 4)
            ]
            for v in (x, y)
        ]
        for order, values in found.items():
            fx, fy = (np.concatenate(p[: order + 1], axis=1) for p in parts)
            values.append(relative_kernel_error(fx, fy, kernel))
    for order, values in found.items():
        expected = ERRORS[sketch_dim, order]
        assert 0.85 < np.mean(values) / expected < 1.18, (order, values)


def test_exact_truncation_errors():
    rng = np.random.default_rng(0)
    x, y = unit(np.maximum(rng.standard_normal((2, 2000, 512)), 0))
    with harness.float64():
        kernel = harness.to_numpy(rbf_kernel(x, y, 0.5))
        for order, expected in ((1, 0.0414), (2, 0.00435), (3, 0.00035)):
            series = harness.to_numpy(
                taylor_kernel(x, y, taylor_coefficients(0.5, order))
            )
            error = np.mean(np.abs(series - kernel) / kernel)
            assert error == pytest.approx(expected, rel=0.05)


def test_the_bound_is_its_two_terms():
    r, gamma, order, dim = np.array([-0.7, 0.0, 0.3, 1.0]), 0.8, 3, 50
    for length in (None, dim):
        found = taylor_error_bound(r, gamma, order, length)
        for value, bound in zip(r, found, strict=True):
            rest = abs(2 * gamma * value) ** 4 / 24
            rest *= math.exp(-2 * gamma * value) if value < 0 else 1
            second = 1.6**2 / 2 * (11 / dim) ** 0.5
            third = 1.6**3 / 6 * (29 / dim) ** 0.5
            added = math.exp(-1.6 * value) * (second + third)
            expected = rest if length is None else rest + added
            assert bound == pytest.approx(expected)


def test_the_series_stays_within_the_bound():
    r = np.linspace(-1, 1, 41)
    for gamma in (0.25, 0.5, 2.0):
        kernel = np.exp(-2 * gamma * (1 - r))
        for order in (1, 2, 3, 4):
            squares = np.square(taylor_coefficients(gamma, order))
            series = sum(a * r**i for i, a in enumerate(squares))
            error = np.abs(series - kernel) / kernel
            bound = taylor_error_bound(r, gamma, order)
            assert (error <= bound * (1 + 1e-9) + 1e-12).all()
            if gamma < 1:
                # At r = 0.2 the first term left out is nearly all.
                assert error[24] > 0.8 * bound[24]


@pytest.mark.parametrize("transform", ["fourier", "hadamard"])
def test_sketches_stay_within_the_bound(transform):
    rng = np.random.default_rng(1)
    x, y = unit(np.maximum(rng.standard_normal((2, 200, 24)), -0.3))
    r, gamma, dim = (x * y).sum(-1), 0.9, 64
    kernel = np.exp(-2 * gamma * (1 - r))
    a = taylor_coefficients(gamma, 4)
    errors = {2: [], 4: []}
    for seed in range(20):
        buckets, signs = hash_tables(4, 24, dim, seed)
        values = a[0] ** 2 + a[1] ** 2 * r
        for t in (2, 3, 4):
            sx, sy = (
                harness.to_numpy(
                    tensor_sketch(
                        v.astype("float32"),
                        buckets[:t],
                        signs[:t],
                        dim,
                        transform=transform,
                    )
                )
                for v in (x, y)
            )
            values = values + a[t] ** 2 * (sx * sy).sum(-1)
            if t in errors:
                errors[t].append(np.abs(values - kernel) / kernel)
    for order, found in errors.items():
        mean = np.mean(found, axis=0)
        bound = taylor_error_bound(r, gamma, order, dim)
        assert (mean <= bound).all()
        assert mean.mean() > 0.1 * bound.mean()


def test_width_from_data():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 2, (3, 2, 4, 6)).astype("float32")
    flat = x.reshape(-1, 6).astype("float64")
    expected = np.mean(flat @ flat.T)
    found = mean_inner_product(x, normalize=False)
    assert found == pytest.approx(expected, rel=0.01)
    assert gamma_of_data(x, normalize=False) == pytest.approx(1 / found)
    assert gamma_of_data(x) == 0.5
    assert math.isfinite(mean_inner_product(0 * x))
    with pytest.raises(ValueError, match="mean 0"):
        gamma_of_data(0 * x)


def test_bad_arguments():
    with pytest.raises(ValueError, match="gamma=0"):
        taylor_coefficients(0, 2)
    with pytest.raises(ValueError, match="512 channels to order 3"):
        tensor_product_features(np.ones((1, 512)), [1, 1, 1, 1])
    with pytest.raises(ValueError, match="from 0.5 to 1.5"):
        taylor_error_bound([0.5, 1.5], 0.5, 2)
    with pytest.raises(ValueError, match="order=0"):
        taylor_error_bound(0.5, 0.5, 0)
    with pytest.raises(ValueError, match="sketch_dim=-1"):
        taylor_error_bound(0.5, 0.5, 2, -1)
