"""The signed square root and its slope."""

import numpy as np

from fgkeras.ops import signed_square_root
from tests import harness


def test_values():
    x = np.array([-4.0, -0.25, 0.0, 1.0, 9.0], "float32")
    y = harness.to_numpy(signed_square_root(x))
    np.testing.assert_allclose(y, [-2, -0.5, 0, 1, 3], rtol=1e-6)


def test_gradient_away_from_zero_and_at_zero():
    x = np.random.default_rng(0).uniform(0.1, 1, 6) * [1, -1, 1, -1, 1, -1]
    harness.check_gradient(signed_square_root, x, np.random.default_rng(1))
    y, gradient = harness.value_and_gradient(
        signed_square_root, np.zeros(3, "float32")
    )
    np.testing.assert_array_equal(y, 0)
    np.testing.assert_allclose(gradient, 1e4, rtol=1e-5)
