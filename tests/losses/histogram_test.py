"""Tests for fgkeras.losses.histogram."""

import numpy as np
import pytest

from fgkeras.losses import Histogram
from fgkeras.losses import histogram
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit


def triangle(s, node, step):
    return max(0.0, 1.0 - abs(s - node) / step)


def test_mean_matches_the_definition():
    labels, x = batch()
    s = unit(x) @ unit(x).T
    nodes = np.linspace(-1, 1, 8)
    kinds = [[], []]
    for a in range(len(labels)):
        for kind, columns in zip(kinds, partners(a), strict=True):
            kind += [s[a, j] for j in columns]
    positive, negative = (
        np.array([sum(triangle(v, t, 2 / 7) for v in kind) for t in nodes])
        / len(kind)
        for kind in kinds
    )
    expected = sum(negative * np.cumsum(positive))
    with harness.float64():
        values = np.asarray(histogram(labels, x, num_bins=7))
    np.testing.assert_allclose(values.mean(), expected, rtol=1e-10)
    assert values.shape == labels.shape


def test_gradient():
    labels, x = batch()
    harness.check_gradient(
        lambda z: histogram(labels, z, num_bins=7),
        x,
        np.random.default_rng(1),
        rtol=1e-5,
    )


def test_ends_of_the_range():
    x = np.array([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], "float32")
    near = histogram(np.array([0, 0, 1]), x)
    np.testing.assert_allclose(near, 0.0, atol=1e-6)
    # Each negative beats one positive, and one of two is nearer.
    far = np.asarray(histogram(np.array([0, 1, 0]), x))
    np.testing.assert_allclose(far.mean(), 1.0, atol=1e-6)


@pytest.mark.slow
def test_config_and_xla():
    labels, x = batch()
    loss = Histogram(num_bins=12)
    harness.check_config(loss, lambda used: used(labels, x))
    harness.check_xla(
        lambda z: loss.call(labels, z), x.astype("float32"), rtol=1e-3
    )


def test_range():
    with pytest.raises(ValueError, match="num_bins=0"):
        Histogram(num_bins=0)
