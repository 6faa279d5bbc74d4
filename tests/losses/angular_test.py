"""Tests for fgkeras.losses.angular."""

import numpy as np
import pytest

from fgkeras.losses import Angular
from fgkeras.losses import angular
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit


@pytest.mark.parametrize("alpha", [5.0, 40.0, 60.0])
def test_matches_definition(alpha):
    labels, x = batch()
    u, t = unit(x), np.tan(np.pi * alpha / 180.0) ** 2
    expected = np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        terms = [
            np.log1p(
                sum(
                    np.exp(
                        4 * t * (u[a] + u[p]) @ u[n] - 2 * (1 + t) * u[a] @ u[p]
                    )
                    for n in negatives
                )
            )
            for p in positives
        ]
        expected[a] = np.mean(terms) if terms else 0.0
    with harness.float64():
        loss = angular(labels, x, alpha=alpha)
    np.testing.assert_allclose(loss, expected, rtol=1e-9)


def test_steepest_angle_stays_in_float32():
    # All cosines 1: the exponents are as large as they get.
    labels, x = np.array([0, 0, 1, 1]), np.ones((4, 3), "float32")
    value, gradient = harness.value_and_gradient(
        lambda z: angular(labels, z, alpha=60.0), x
    )
    np.testing.assert_allclose(value, 16.0 + np.log(2.0), rtol=1e-5)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("alpha", [0.0, 61.0])
def test_bad_alpha(alpha):
    with pytest.raises(ValueError, match=f"Received: alpha={alpha}"):
        Angular(alpha=alpha)
