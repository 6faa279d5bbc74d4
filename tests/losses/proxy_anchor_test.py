"""Tests for fgkeras.losses.proxy_anchor."""

import numpy as np
import pytest

from fgkeras.losses import ProxyAnchor
from fgkeras.losses import proxy_anchor
from tests import harness

LABELS = np.array([0, 3, 1, 0, 0])


def cosines():
    return np.random.default_rng(0).uniform(-1, 1, size=(5, 4))


def test_mean_matches_loops():
    s = cosines()
    pull = push = 0.0
    for c in range(4):
        own = [i for i in range(5) if LABELS[i] == c]
        rest = [i for i in range(5) if LABELS[i] != c]
        if own:
            total = sum(np.exp(-8.0 * (s[i, c] - 0.2)) for i in own)
            pull += np.log(1 + total) / 3
        push += np.log(1 + sum(np.exp(8.0 * (s[i, c] + 0.2)) for i in rest)) / 4
    with harness.float64():
        found = np.asarray(proxy_anchor(LABELS, s, alpha=8.0, margin=0.2))
    np.testing.assert_allclose(found.mean(), pull + push, rtol=1e-10)


def test_absent_rows_change_nothing():
    s = cosines()
    longer = np.concatenate([s, s[:2]])
    labels = np.concatenate([LABELS, [-1, -1]])
    with harness.float64():
        expected = np.asarray(proxy_anchor(LABELS, s))
        found = np.asarray(proxy_anchor(labels, longer))
    np.testing.assert_allclose(found[:5] * 5 / 7, expected, rtol=1e-10)
    np.testing.assert_array_equal(found[5:], 0.0)


def test_gradient():
    harness.check_gradient(
        lambda s: proxy_anchor(LABELS, s, alpha=8.0),
        cosines(),
        np.random.default_rng(1),
    )


def test_config_and_xla():
    s = cosines().astype("float32")
    loss = ProxyAnchor(alpha=16.0)
    harness.check_config(loss, lambda used: used(LABELS, s))
    harness.check_xla(lambda z: loss.call(LABELS, z), s)


def test_range():
    with pytest.raises(ValueError, match="alpha=-1"):
        ProxyAnchor(alpha=-1)


def test_labels_that_are_no_class():
    loss = ProxyAnchor(reduction=None)
    labels, cosines = np.array([0, -1, 3], "int32"), np.ones((3, 3), "float32")
    with pytest.raises(ValueError, match=r"labels\[2\]=3"):
        loss(labels, cosines)
    found = harness.in_graph(loss, labels, cosines)
    np.testing.assert_array_equal(np.isnan(found), [False, False, True])
    assert found[1] == 0.0


def test_several_proxies_of_a_class_are_refused():
    with pytest.raises(ValueError, match="y_pred of shape"):
        ProxyAnchor()(np.array([0, 1]), np.ones((2, 3, 2), "float32"))
