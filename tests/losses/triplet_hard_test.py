"""Tests for fgkeras.losses.triplet_hard."""

import numpy as np
import pytest

from fgkeras.losses import TripletHard
from fgkeras.losses import triplet_hard
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


@pytest.mark.parametrize("soft", [True, False])
@pytest.mark.parametrize("squared", [True, False])
def test_matches_definition(soft, squared):
    labels, x = batch()
    expected = np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        if positives and negatives:
            d = np.linalg.norm(x[a] - x, axis=-1) ** (2 if squared else 1)
            gap = max(d[positives]) - min(d[negatives])
            hinge = max(gap + 0.7, 0.0)
            expected[a] = np.log1p(np.exp(gap)) if soft else hinge
    with harness.float64():
        loss = triplet_hard(labels, x, margin=0.7, soft=soft, squared=squared)
        np.testing.assert_allclose(loss, expected, rtol=1e-9)


def test_soft_has_no_margin():
    labels, x = batch()
    np.testing.assert_array_equal(
        triplet_hard(labels, x, margin=5.0, soft=True),
        triplet_hard(labels, x, margin=0.1, soft=True),
    )


def test_bad_margin():
    with pytest.raises(ValueError, match="Received: margin=-1"):
        TripletHard(margin=-1)
