"""Tests for fgkeras.losses.generalized_lifted_structure."""

import numpy as np
import pytest

from fgkeras.losses import GeneralizedLiftedStructure
from fgkeras.losses import generalized_lifted_structure
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


def test_matches_definition():
    labels, x = batch()
    expected = np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        if positives:
            d = np.linalg.norm(x[a] - x, axis=-1)
            value = np.log(np.exp(d[positives]).sum())
            value += np.log(np.exp(0.7 - d[negatives]).sum())
            expected[a] = max(value, 0.0)
    with harness.float64():
        loss = generalized_lifted_structure(labels, x, margin=0.7)
    np.testing.assert_allclose(loss, expected, rtol=1e-9)


def test_bad_margin():
    with pytest.raises(ValueError, match="Received: margin=nan"):
        GeneralizedLiftedStructure(margin=float("nan"))
