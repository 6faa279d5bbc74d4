"""Tests for fgkeras.losses.proxy_nca."""

import numpy as np
import pytest

from fgkeras.losses import ProxyNCA
from fgkeras.losses import proxy_nca
from tests import harness

LABELS = np.array([0, 2, 1, 0, -1])


def cosines():
    return np.random.default_rng(0).uniform(-1, 1, size=(5, 3))


@pytest.mark.parametrize("form", ["paper", "softmax"])
def test_matches_loops(form):
    s = cosines()
    expected = []
    for y, row in zip(LABELS, s, strict=True):
        d = 4.0 * (2.0 - 2.0 * row)
        rest = [np.exp(-d[c]) for c in range(3) if form == "softmax" or c != y]
        expected.append(0 if y < 0 else -np.log(np.exp(-d[y]) / sum(rest)))
    with harness.float64():
        found = proxy_nca(LABELS, s, scale=4.0, form=form)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_gradient():
    harness.check_gradient(
        lambda s: proxy_nca(LABELS, s, scale=4.0, form="paper"),
        cosines(),
        np.random.default_rng(1),
    )


def test_config_and_xla():
    s = cosines().astype("float32")
    loss = ProxyNCA(scale=3.0, form="paper")
    harness.check_config(loss, lambda used: used(LABELS, s))
    harness.check_xla(lambda z: loss.call(LABELS, z), s)


def test_a_single_class_in_the_paper_form_is_zero():
    values = proxy_nca(np.array([0, 0]), np.ones((2, 1)), form="paper")
    np.testing.assert_array_equal(values, 0.0)


@pytest.mark.parametrize("kwargs", [{"scale": 0}, {"form": "nca"}])
def test_range(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        ProxyNCA(**kwargs)


def test_labels_that_are_no_class():
    loss = ProxyNCA(reduction=None)
    labels, cosines = np.array([0, -1, 3], "int32"), np.ones((3, 3), "float32")
    with pytest.raises(ValueError, match=r"labels\[2\]=3"):
        loss(labels, cosines)
    found = harness.in_graph(loss, labels, cosines)
    np.testing.assert_array_equal(np.isnan(found), [False, False, True])
    assert found[1] == 0.0


def test_several_proxies_of_a_class_are_refused():
    with pytest.raises(ValueError, match="y_pred of shape"):
        ProxyNCA()(np.array([0, 1]), np.ones((2, 3, 2), "float32"))


def test_unknown_form():
    with pytest.raises(ValueError, match="form='plain'"):
        proxy_nca([0], np.ones((1, 3)), form="plain")
