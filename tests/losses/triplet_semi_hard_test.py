"""Tests for fgkeras.losses.triplet_semi_hard."""

import numpy as np
import pytest

from fgkeras.losses import TripletSemiHard
from fgkeras.losses import triplet_semi_hard
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


def one_by_one(labels, x, margin, squared):
    sums, pairs = np.zeros(len(labels)), 0
    for a in range(len(labels)):
        positives, negatives = partners(a)
        d = np.linalg.norm(x[a] - x, axis=-1) ** (2 if squared else 1)
        for p in positives:
            farther = [d[n] for n in negatives if d[n] > d[p]]
            chosen = min(farther) if farther else max(d[negatives])
            sums[a] += max(d[p] - chosen + margin, 0.0)
            pairs += 1
    return sums * len(labels) / pairs


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("squared", [True, False])
def test_matches_definition(squared, seed):
    labels, x = batch(seed)
    with harness.float64():
        loss = triplet_semi_hard(labels, x, margin=0.7, squared=squared)
    np.testing.assert_allclose(
        loss, one_by_one(labels, x, 0.7, squared), rtol=1e-9
    )


def test_negative_as_far_as_the_positive_is_not_farther():
    # Distances 1, 1, 3: the negative at 1 ties with the positive.
    x = np.array([[0.0], [1.0], [-1.0], [3.0]], "float32")
    loss = triplet_semi_hard(np.array([0, 0, 1, 2]), x, margin=2.5)
    assert float(loss[0]) == pytest.approx((1.0 - 3.0 + 2.5) * 4 / 2)


def test_bad_margin():
    with pytest.raises(ValueError, match="Received: margin=0"):
        TripletSemiHard(margin=0)
