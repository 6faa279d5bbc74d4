"""Tests for fgkeras.ops.distances."""

import numpy as np
import pytest
from keras import ops
from scipy.spatial.distance import cdist

from fgkeras.ops import pairwise_distances
from fgkeras.ops import pairwise_similarities
from fgkeras.ops import pairwise_squared_distances
from fgkeras.ops import unit_normalize
from tests import harness


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_matches_definition(rng, scale):
    x = scale * rng.normal(size=(7, 5))
    y = scale * rng.normal(size=(4, 5))
    with harness.float64():
        for other in (None, y):
            expected = cdist(x, x if other is None else other)
            np.testing.assert_allclose(
                pairwise_distances(x, other), expected, rtol=1e-12
            )
            np.testing.assert_allclose(
                pairwise_squared_distances(x, other), expected**2, rtol=1e-12
            )


def test_digits_do_not_depend_on_the_origin(rng):
    x = rng.normal(size=(6, 3)).astype("float32")
    np.testing.assert_allclose(
        pairwise_distances(x + 256.0), cdist(x, x), atol=3e-4
    )


@pytest.mark.parametrize("dim", [3, 512])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_equal_rows_are_at_distance_zero(rng, dim, scale):
    row = scale * rng.normal(size=(2, dim))
    x = np.repeat(row, 9, axis=0).astype("float32")
    distances = harness.to_numpy(pairwise_distances(x))
    same = np.repeat(np.eye(2, dtype=bool), 9, 0).repeat(9, 1)
    assert (distances[same] == 0.0).all()
    assert (distances[~same] > 0.0).all()


def test_gradient_at_distance_zero_is_zero(rng):
    for fn in (pairwise_distances, pairwise_squared_distances):
        _, gradient = harness.value_and_gradient(fn, np.ones((4, 3), "float32"))
        np.testing.assert_array_equal(gradient, 0.0)


def test_gradient(rng):
    x = rng.normal(size=(5, 3))
    weights = rng.normal(size=(5, 5))
    harness.check_gradient(lambda z: weights * pairwise_distances(z), x, rng)


def test_xla(rng):
    x = rng.normal(size=(5, 3)).astype("float32")
    harness.check_xla(pairwise_distances, x, rtol=1e-4)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_lifted(rng, dtype):
    x = ops.cast(300.0 * rng.normal(size=(4, 3)), dtype)
    exact = harness.to_numpy(ops.cast(x, "float32")).astype("float64")
    np.testing.assert_allclose(
        pairwise_distances(x), cdist(exact, exact), rtol=1e-5
    )
    np.testing.assert_allclose(
        pairwise_similarities(x), exact @ exact.T, rtol=1e-3
    )


def test_unit_normalize(rng):
    x = rng.normal(size=(5, 3))
    x[2] = 0.0
    y, gradient = harness.value_and_gradient(
        unit_normalize, x.astype("float32")
    )
    np.testing.assert_allclose(
        np.linalg.norm(y, axis=-1), [1, 1, 0, 1, 1], rtol=1e-6
    )
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradient[2], 0.0)
    columns = harness.to_numpy(unit_normalize(x.astype("float32"), axis=0))
    np.testing.assert_allclose(np.linalg.norm(columns, axis=0), 1, rtol=1e-6)


def test_nan_is_not_taken_for_a_distance():
    # A loss of a model that diverged must not look well.
    x = np.array([[1.0, np.nan], [1.0, 2.0], [3.0, 4.0]], "float32")
    distances = harness.to_numpy(pairwise_distances(x))
    assert np.isnan(distances[0, 1:]).all()
    assert np.isnan(harness.to_numpy(unit_normalize(x))[0]).all()
