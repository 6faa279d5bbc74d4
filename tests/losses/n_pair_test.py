"""Tests for fgkeras.losses.n_pair."""

import numpy as np
import pytest

from fgkeras.losses import NPair
from fgkeras.losses import n_pair
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_matches_definition(l2):
    labels, x = batch()
    expected = np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        if positives:
            terms = [
                np.log(1 + sum(np.exp(x[a] @ (x[n] - x[p])) for n in negatives))
                for p in positives
            ]
            expected[a] = np.mean(terms) + l2 * (x[a] @ x[a])
    with harness.float64():
        np.testing.assert_allclose(
            n_pair(labels, x, l2=l2), expected, rtol=1e-9
        )


def test_bad_l2():
    with pytest.raises(ValueError, match="Received: l2=-0.1"):
        NPair(l2=-0.1)
