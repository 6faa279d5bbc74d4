"""Triplets given row by row."""

import keras
import numpy as np
import pytest

from fgkeras.losses.listed_triplets import ListedTriplets
from fgkeras.losses.listed_triplets import listed_triplets
from tests import harness


def rows(seed=0, triplets=4, dim=3):
    return np.random.default_rng(seed).standard_normal((3 * triplets, dim))


def test_equals_the_definition():
    x = rows()
    expected = []
    for t in range(4):
        a, p, n = x[3 * t : 3 * t + 3]
        ap = sum((u - v) ** 2 for u, v in zip(a, p, strict=True))
        an = sum((u - v) ** 2 for u, v in zip(a, n, strict=True))
        expected.append(max(0.0, ap - an + 0.7))
    values = listed_triplets(x.astype("float32"), margin=0.7)
    np.testing.assert_allclose(harness.to_numpy(values), expected, rtol=1e-5)
    assert min(expected) == 0.0 < max(expected)


def test_gradient():
    rng = np.random.default_rng(1)
    harness.check_gradient(
        lambda x: listed_triplets(x, margin=2.0), rows(), rng
    )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_lifted(dtype):
    x = keras.ops.cast(rows() * 100, dtype)
    values, gradient = harness.value_and_gradient(listed_triplets, x)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert np.isfinite(gradient.astype("float32")).all()


def test_config_and_refusals():
    harness.check_config(ListedTriplets(margin=0.3))
    with pytest.raises(ValueError, match="margin=0"):
        ListedTriplets(margin=0)
    with pytest.raises(ValueError, match=r"shape \(4, 2\)"):
        listed_triplets(np.zeros((4, 2), "float32"))
