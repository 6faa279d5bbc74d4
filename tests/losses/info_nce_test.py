"""Tests for fgkeras.losses.info_nce."""

import numpy as np

from fgkeras.losses import info_nce
from fgkeras.losses import sup_con
from tests import harness
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import partners
from tests.losses.embedding_cases import unit


def test_matches_definition():
    labels, x = batch()
    u, expected = unit(x), np.zeros(len(labels))
    for a in range(len(labels)):
        positives, negatives = partners(a)
        far = sum(np.exp(u[a] @ u[n] / 0.3) for n in negatives)
        near = [np.exp(u[a] @ u[p] / 0.3) for p in positives]
        if near:
            expected[a] = -np.mean([np.log(e / (e + far)) for e in near])
    with harness.float64():
        found = info_nce(labels, x, temperature=0.3)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_with_one_positive_it_is_supcon():
    labels = np.array([0, 1, 2, 0, 1, 2])
    x = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    np.testing.assert_allclose(
        info_nce(labels, x), sup_con(labels, x), rtol=1e-5
    )
