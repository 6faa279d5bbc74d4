"""Pulled negatives: the worked cases of the definition, and the borders."""

import math

import keras
import numpy as np
import pytest

from fgkeras.ops.pulled_negatives import pulled_negatives
from tests.harness import check_gradient
from tests.harness import to_numpy
from tests.harness import value_and_gradient


@pytest.mark.parametrize(
    ("loss", "distance"),
    [(90.0, 2.10364), (30.0, 1.14936), (10.0, 1.00037), (1e6, 3.99973)],
)
def test_worked_cases(loss, distance):
    a, p, n = np.zeros((1, 2)), np.array([[1.0, 0]]), np.array([[0, 4.0]])
    out = to_numpy(pulled_negatives(a, p, n, math.exp(-90.0 / loss)))
    np.testing.assert_allclose(out, [[0, distance]], atol=1e-5)


def test_negatives_that_are_near_stay_bit_for_bit():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((6, 3)).astype("float32")
    n = a + 0.1 * rng.standard_normal((6, 3)).astype("float32")
    out = to_numpy(pulled_negatives(a, a + 5.0, n, 0.3))
    np.testing.assert_array_equal(out, n)


def test_distance_direction_and_broadcasting():
    rng = np.random.default_rng(1)
    a, p = rng.standard_normal((2, 4, 1, 3))
    n = 9.0 + rng.standard_normal((1, 5, 3))
    out = to_numpy(pulled_negatives(a, p, n, 0.25))
    for i in range(4):
        for j in range(5):
            near = np.linalg.norm(p[i, 0] - a[i, 0])
            far = np.linalg.norm(n[0, j] - a[i, 0])
            step = (n[0, j] - a[i, 0]) / far
            expected = a[i, 0] + (0.25 * far + 0.75 * near) * step
            np.testing.assert_allclose(out[i, j], expected, rtol=1e-4)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_gradient_passes_through_distances(which):
    rng = np.random.default_rng(2)
    rows = [rng.standard_normal((3, 4)) for _ in range(3)]
    rows[2] *= 4.0
    weight = rng.standard_normal((3, 4))

    def fn(x):
        parts = [keras.ops.convert_to_tensor(r) for r in rows]
        parts[which] = x
        return weight * pulled_negatives(*parts, 0.4)

    check_gradient(fn, rows[which], rng)


def test_equal_points_have_finite_gradient():
    x = np.zeros((2, 3), "float32")
    value, gradient = value_and_gradient(
        lambda z: pulled_negatives(z, z, z, 0.5), x
    )
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()
