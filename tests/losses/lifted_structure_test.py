"""Tests for fgkeras.losses.lifted_structure."""

import numpy as np
import pytest

from fgkeras.losses import LiftedStructure
from fgkeras.losses import lifted_structure
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


def test_matches_definition():
    labels, x = batch()
    sums, pairs = np.zeros(len(labels)), 0
    for i in range(len(labels)):
        for j in partners(i)[0]:
            threat = sum(
                np.exp(0.7 - np.linalg.norm(x[row] - x[n]))
                for row in (i, j)
                for n in partners(row)[1]
            )
            value = np.log(threat) + np.linalg.norm(x[i] - x[j])
            sums[i] += 0.5 * max(value, 0.0) ** 2
            pairs += 1
    with harness.float64():
        loss = lifted_structure(labels, x, margin=0.7)
    np.testing.assert_allclose(loss, sums * len(labels) / pairs, rtol=1e-9)


def test_bad_margin():
    with pytest.raises(ValueError, match="Received: margin=nan"):
        LiftedStructure(margin=float("nan"))
