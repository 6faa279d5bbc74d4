"""Tests for fgkeras.losses.recall_at_k."""

import numpy as np
import pytest

from fgkeras.losses import recall_at_k
from tests import harness
from tests.losses import graded_definitions as definitions
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import unit


@pytest.mark.parametrize(("largest", "ks"), [(1, [1]), (5, [1, 2, 4])])
def test_matches_definition(largest, ks):
    labels, x = batch()
    grades = (labels[:, None] == labels).astype(float)
    expected = definitions.recall_at_k(unit(x), grades, ks, 0.1, 0.7)
    with harness.float64():
        found = recall_at_k(
            labels,
            x,
            largest_k=largest,
            rank_temperature=0.1,
            recall_temperature=0.7,
        )
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_sharp_sigmoids_give_recall_itself():
    labels, x = batch(seed=3)
    cosines = unit(x) @ unit(x).T
    np.fill_diagonal(cosines, -np.inf)
    first = labels[cosines.argmax(axis=1)] == labels
    alone = np.bincount(labels)[labels] == 1
    with harness.float64():
        found = recall_at_k(
            labels,
            x,
            largest_k=1,
            rank_temperature=1e-6,
            recall_temperature=1e-3,
        )
    # Rank 1 stands in the middle of the last sigmoid.
    expected = np.where(alone, 0.0, np.where(first, 0.5, 1.0))
    np.testing.assert_allclose(found, expected, atol=1e-6)
