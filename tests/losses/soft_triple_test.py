"""Tests for fgkeras.losses.soft_triple."""

import numpy as np
import pytest

from fgkeras.losses import SoftTriple
from fgkeras.losses import soft_triple
from tests import harness

LABELS = np.array([0, 2, 1, 0, -1])


def cosines():
    return np.random.default_rng(0).uniform(-1, 1, size=(5, 3, 2))


def test_matches_loops():
    s = cosines()
    expected = []
    for y, row in zip(LABELS, s, strict=True):
        logits = []
        for c in range(3):
            weights = np.exp(row[c] / 0.2)
            near = np.sum(weights / weights.sum() * row[c])
            logits.append(7.0 * (near - (0.1 if c == y else 0.0)))
        share = np.exp(logits) / np.sum(np.exp(logits))
        expected.append(0.0 if y < 0 else -np.log(share[y]))
    with harness.float64():
        found = soft_triple(LABELS, s, scale=7.0, gamma=0.2, margin=0.1)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_one_centre_is_softmax_with_a_margin():
    s = cosines()[:, :, :1]
    with harness.float64():
        found = soft_triple(LABELS, s[:, :, 0])
        expected = soft_triple(LABELS, s)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_gradient():
    harness.check_gradient(
        lambda s: soft_triple(LABELS, s), cosines(), np.random.default_rng(1)
    )


def test_config_and_xla():
    s = cosines().astype("float32")
    loss = SoftTriple(gamma=0.2)
    harness.check_config(loss, lambda used: used(LABELS, s))
    harness.check_xla(lambda z: loss.call(LABELS, z), s)


@pytest.mark.parametrize("name", ["scale", "gamma"])
def test_range(name):
    with pytest.raises(ValueError, match=f"{name}=0"):
        SoftTriple(**{name: 0})


def test_labels_that_are_no_class():
    loss = SoftTriple(reduction=None)
    labels, cosines = np.array([0, -1, 3], "int32"), np.ones((3, 3), "float32")
    with pytest.raises(ValueError, match=r"labels\[2\]=3"):
        loss(labels, cosines)
    found = harness.in_graph(loss, labels, cosines)
    np.testing.assert_array_equal(np.isnan(found), [False, False, True])
    assert found[1] == 0.0
