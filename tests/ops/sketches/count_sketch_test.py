"""Count sketches against their definition."""

import numpy as np

from fgkeras.ops import count_sketch
from fgkeras.ops import hash_tables
from tests import harness


def test_count_sketch_adds_signed_channels():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 5))
    buckets, signs = hash_tables(1, 5, 4, seed=3)
    expected = np.zeros((2, 3, 4))
    for c in range(5):
        expected[..., buckets[0, c]] += signs[0, c] * x[..., c]
    with harness.float64():
        y = harness.to_numpy(count_sketch(x, buckets[0], signs[0], 4))
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


def test_tables_hold_signed_buckets_and_follow_their_seed():
    buckets, signs = hash_tables(3, 500, 8, seed=1)
    assert buckets.shape == signs.shape == (3, 500)
    assert set(np.unique(buckets)) == set(range(8))
    assert set(np.unique(signs)) == {-1, 1}
    again = hash_tables(3, 500, 8, seed=1)
    other = hash_tables(3, 500, 8, seed=2)
    assert np.array_equal(again, (buckets, signs))
    assert not np.array_equal(other, (buckets, signs))
