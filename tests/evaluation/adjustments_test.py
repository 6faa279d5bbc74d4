"""Logit adjustment and tau-normalization against their definitions."""

import math

import numpy as np
import pytest

from fgkeras.evaluation import logit_adjustment
from fgkeras.evaluation import tau_normalization

COUNTS = [500, 40, 7, 1]


def test_softmax_is_bayes_rule_for_classes_of_equal_size():
    """Of a posterior under the training's shares, in plain loops."""
    rng = np.random.default_rng(0)
    likelihood = rng.uniform(0.1, 1, 4)
    joint = [n * p for n, p in zip(COUNTS, likelihood, strict=True)]
    logits = [math.log(j / sum(joint)) + 3.0 for j in joint]
    scale, offset = logit_adjustment(COUNTS)
    z = scale * logits + offset
    found = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(found, likelihood / likelihood.sum())
    assert (scale == 1).all()


def test_sigmoid_divides_the_odds():
    scale, offset = logit_adjustment(COUNTS, 0.5, activation="sigmoid")
    total = sum(COUNTS)
    for n, o in zip(COUNTS, offset, strict=True):
        share, even = n / total, 1 / len(COUNTS)
        ratio = (share / (1 - share)) / (even / (1 - even))
        assert math.exp(-o) == pytest.approx(ratio**0.5)
    assert (scale == 1).all()


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_limits(activation):
    scale, offset = logit_adjustment(COUNTS, 0, activation=activation)
    assert (scale == 1).all()
    assert (offset == 0).all()
    _, offset = logit_adjustment([9] * 4, activation=activation)
    np.testing.assert_allclose(offset - offset[0], 0, atol=1e-12)
    # One-vs-all answers are no ranking alone: equal sizes leave them alone.
    assert activation == "softmax" or abs(offset[0]) < 1e-12


@pytest.mark.parametrize("tau", [0.0, 0.7, 1.0, 2.0])
def test_tau_normalization_follows_from_the_logits(tau):
    rng = np.random.default_rng(1)
    kernel, bias = rng.normal(size=(5, 3)) * [1, 10, 0.1], rng.normal(size=3)
    x = rng.normal(size=(6, 5))
    scale, offset = tau_normalization(kernel, bias, tau)
    for row in x:
        for c in range(3):
            w = [float(v) for v in kernel[:, c]]
            plain = sum(a * b for a, b in zip(w, row, strict=True))
            expected = plain / math.sqrt(sum(v * v for v in w)) ** tau
            found = scale[c] * (plain + bias[c]) + offset[c]
            assert found == pytest.approx(expected)


def test_without_a_bias():
    with_zeros = tau_normalization(np.eye(3), np.zeros(3))
    np.testing.assert_array_equal(
        tau_normalization(np.eye(3), None), with_zeros
    )


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: logit_adjustment([3, 0]), r"train_counts=\[3, 0\]"),
        (lambda: logit_adjustment([3]), r"train_counts=\[3\]"),
        (lambda: logit_adjustment([3, 4], -1), "tau=-1"),
        (lambda: logit_adjustment([3, 4], float("nan")), "tau=nan"),
        (lambda: logit_adjustment([3, 4], activation="x"), "activation='x'"),
        (lambda: tau_normalization(np.eye(3)[:, [0, 0]], [1]), r"\(1,\)"),
        (lambda: tau_normalization(np.diag([1, 0]), None), "class 1"),
        (lambda: tau_normalization(np.eye(2), None, np.inf), "tau=inf"),
    ],
)
def test_what_cannot_be_is_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()
