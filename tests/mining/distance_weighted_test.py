"""Tests for fgkeras.mining.distance_weighted."""

import numpy as np
import pytest

from fgkeras.mining import distance_weights
from fgkeras.mining import draw_negatives
from tests.mining.cases import pairs_of


def sphere(seed, size, dim):
    x = np.random.default_rng(seed).normal(size=(size, dim))
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    gram = np.clip(2.0 - 2.0 * (x @ x.T), 0.0, 4.0)
    return np.sqrt(gram).astype("float32")


@pytest.mark.parametrize("dim", [3, 64, 512])
def test_is_inverse_density(dim):
    d = sphere(0, 12, 4)
    labels = np.repeat(np.arange(4), 3)
    found = np.asarray(distance_weights(labels, d, dim))
    for a in range(12):
        _, negatives = pairs_of(labels, a)
        logs = {}
        for n in negatives:
            if d[a, n] < 1.4:
                t = max(float(d[a, n]), 0.5)
                log_q = (dim - 2) * np.log(t)
                log_q += (dim - 3) / 2 * np.log(1 - t * t / 4)
                logs[n] = -log_q
        top = max(logs.values())
        total = sum(np.exp(v - top) for v in logs.values())
        expected = np.zeros(12)
        for n, v in logs.items():
            expected[n] = np.exp(v - top) / total
        np.testing.assert_allclose(found[a], expected, rtol=5e-4, atol=1e-6)


def test_rows_without_a_near_negative_are_zero():
    d = np.array([[0, 1.9], [1.9, 0]], "float32")
    weights = np.asarray(distance_weights(np.array([0, 1]), d, 512))
    np.testing.assert_array_equal(weights, 0.0)
    np.testing.assert_array_equal(draw_negatives(weights, seed=0), 0)


@pytest.mark.parametrize("kwargs", [{"cutoff": 0.0}, {"limit": 2.0}])
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        distance_weights(np.array([0, 1]), np.ones((2, 2)), 4, **kwargs)


def test_draws_follow_the_weights():
    weights = np.zeros((2000, 5), "float32")
    weights[:] = [0.0, 0.1, 0.0, 0.6, 0.3]
    drawn = np.asarray(draw_negatives(weights, seed=1))
    share = np.bincount(drawn.ravel(), minlength=5) / drawn.size
    np.testing.assert_allclose(share, weights[0], atol=0.02)
    assert share[0] == share[2] == 0.0
    np.testing.assert_array_equal(drawn, draw_negatives(weights, seed=1))
