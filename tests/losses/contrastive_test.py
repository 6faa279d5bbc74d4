"""Tests for fgkeras.losses.contrastive."""

import numpy as np
import pytest

from fgkeras.losses import Contrastive
from fgkeras.losses import contrastive
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners


@pytest.mark.parametrize("squared", [True, False])
def test_matches_definition(squared):
    labels, x = batch()
    power = 2 if squared else 1
    sums, counts = np.zeros((2, len(labels))), np.zeros(2)
    for a in range(len(labels)):
        for side, columns in enumerate(partners(a)):
            for j in columns:
                d = np.linalg.norm(x[a] - x[j])
                term = (1.5 - d) if side else (d - 0.3)
                if term > 0:
                    sums[side, a] += term**power
                    counts[side] += 1
    expected = (sums * len(labels) / counts[:, None]).sum(axis=0)
    with harness.float64():
        loss = contrastive(
            labels, x, margin=1.5, positive_margin=0.3, squared=squared
        )
        np.testing.assert_allclose(loss, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"margin": 0.0}, "Received: margin=0.0"),
        ({"positive_margin": -0.1}, "Received: positive_margin=-0.1"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        Contrastive(**kwargs)
