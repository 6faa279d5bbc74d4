"""Tests for fgkeras.mining.cross_batch_memory."""

import keras
import numpy as np
import pytest

from fgkeras.mining import CrossBatchMemory
from fgkeras.mining import violating_counts
from fgkeras.ops import pairwise_distances
from tests import harness


@pytest.fixture
def batches():
    rng = np.random.default_rng(0)
    return [
        (rng.integers(0, 3, 4), rng.normal(size=(4, 2)).astype("float32"))
        for _ in range(5)
    ]


def test_remembers_the_last_rows(batches):
    memory = CrossBatchMemory(6)
    past = []
    for labels, x in batches:
        y, z = map(np.asarray, memory(labels, x))
        np.testing.assert_array_equal(y[:4], labels)
        np.testing.assert_array_equal(z[:4], x)
        found = {(i, *r) for i, r in zip(y[4:], z[4:].tolist(), strict=True)}
        last = {(i, *r.tolist()) for i, r in past[-6:]}
        assert {row for row in found if row[0] >= 0} == last
        past += list(zip(labels, x, strict=True))


def test_free_places_change_nothing(batches):
    memory = CrossBatchMemory(100)
    memory(*batches[0])
    labels, x = memory(*batches[1])
    counts = violating_counts(labels, pairwise_distances(x))
    short = slice(0, 8)
    expected = violating_counts(labels[short], pairwise_distances(x[short]))
    for found, few in zip(counts, expected, strict=True):
        found = np.asarray(found)
        np.testing.assert_array_equal(found[:8, :8], few)
        assert found.sum() == np.asarray(few).sum()


def test_memory_has_no_gradient(batches):
    memory = CrossBatchMemory(4)
    memory(*batches[0])
    labels, x = batches[1]
    _, gradient = harness.value_and_gradient(
        lambda z: keras.ops.sum(memory(labels, z)[1] ** 2, axis=-1), x
    )
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-6)


def test_config():
    twin = harness.check_config(CrossBatchMemory(7))
    assert twin.size == 7


def test_sizes(batches):
    with pytest.raises(ValueError, match="size=0"):
        CrossBatchMemory(0)
    with pytest.raises(ValueError, match="size=3 for a batch of 4"):
        CrossBatchMemory(3)(*batches[0])


def test_half_precision_policy_rounds_nothing():
    memory = CrossBatchMemory(2, dtype="mixed_float16")
    labels = np.array([4097.0, 4098.0], "float32")
    x = np.array([[0.1234567], [0.7654321]], "float32")
    memory(labels, x)
    y, z = map(np.asarray, memory(labels, x))
    np.testing.assert_array_equal(y, [4097, 4098, 4097, 4098])
    np.testing.assert_array_equal(z, np.concatenate([x, x]))
