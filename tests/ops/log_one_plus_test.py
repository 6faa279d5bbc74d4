"""Tests for fgkeras.ops.log_one_plus."""

import numpy as np

from fgkeras.ops.log_one_plus import log_one_plus_sum_exp
from tests import harness


def test_matches_numpy_on_the_chosen():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5, 7))
    mask = rng.random((5, 7)) < 0.5
    mask[2] = False
    expected = np.log1p(np.sum(np.exp(values) * mask, axis=-1))
    with harness.float64():
        found = log_one_plus_sum_exp(values, mask)
        turned = log_one_plus_sum_exp(values.T, mask.T, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(turned, expected, rtol=1e-12)
    harness.check_gradient(lambda v: log_one_plus_sum_exp(v, mask), values, rng)


def test_extremes_are_finite():
    values = np.array([[1e30, -1e30], [-1e30, 1e30]], "float32")
    mask = np.array([[True, True], [True, False]])
    y, gradient = harness.value_and_gradient(
        lambda v: log_one_plus_sum_exp(v, mask), values
    )
    np.testing.assert_array_equal(y, np.array([1e30, 0.0], "float32"))
    np.testing.assert_array_equal(gradient, [[1, 0], [0, 0]])
