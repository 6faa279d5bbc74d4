"""Tests for fgkeras.losses.multi_similarity."""

import numpy as np
import pytest

from fgkeras.losses import MultiSimilarity
from fgkeras.losses import multi_similarity
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit


@pytest.mark.parametrize("epsilon", [None, 0.1])
def test_matches_loops(epsilon):
    labels, x = batch()
    s = unit(x) @ unit(x).T
    expected = []
    for a in range(len(labels)):
        positives, negatives = partners(a)
        if not positives:
            expected.append(0.0)
            continue
        near = max(s[a, n] for n in negatives)
        far = min(s[a, p] for p in positives)
        if epsilon is not None:
            positives = [p for p in positives if s[a, p] < near + epsilon]
            negatives = [n for n in negatives if s[a, n] > far - epsilon]
        pull = np.log(1 + sum(np.exp(-3 * (s[a, p] - 0.4)) for p in positives))
        push = np.log(1 + sum(np.exp(7 * (s[a, n] - 0.4)) for n in negatives))
        expected.append(pull / 3 + push / 7)
    with harness.float64():
        found = multi_similarity(
            labels, x, alpha=3.0, beta=7.0, base=0.4, epsilon=epsilon
        )
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_gradient():
    labels, x = batch()
    harness.check_gradient(
        lambda z: multi_similarity(labels, z), x, np.random.default_rng(1)
    )


def test_config_and_xla():
    labels, x = batch()
    loss = MultiSimilarity(beta=40.0, epsilon=None)
    twin = harness.check_config(loss, lambda used: used(labels, x))
    assert float(twin(labels, x)) == float(loss(labels, x))
    harness.check_xla(
        lambda z: loss.call(labels, z), x.astype("float32"), rtol=1e-4
    )


def test_range():
    with pytest.raises(ValueError, match="beta=0"):
        MultiSimilarity(beta=0)
