"""Tests for fgkeras.ops.masked."""

import numpy as np
import pytest
from keras import ops
from scipy.special import logsumexp

from fgkeras.ops import masked_logsumexp
from fgkeras.ops import masked_max
from fgkeras.ops import masked_mean
from fgkeras.ops import masked_min
from fgkeras.ops.masked import shares_of_mean
from tests import harness

REDUCTIONS = {
    masked_max: np.max,
    masked_min: np.min,
    masked_mean: np.mean,
    masked_logsumexp: logsumexp,
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("fn", REDUCTIONS, ids=lambda f: f.__name__)
def test_matches_numpy_on_the_chosen(rng, fn, axis):
    values = rng.normal(size=(6, 4)) - 7.0
    mask = rng.random((6, 4)) < 0.5
    mask[1] = False
    mask[:, 2] = False
    rows = zip(
        np.moveaxis(values, axis, -1), np.moveaxis(mask, axis, -1), strict=True
    )
    expected = [REDUCTIONS[fn](v[m]) if m.any() else 0.0 for v, m in rows]
    with harness.float64():
        kept = fn(ops.array(values), ops.array(mask), axis, keepdims=True)
        gone = fn(ops.array(values), ops.array(mask), axis)
    np.testing.assert_allclose(gone, expected, rtol=1e-12)
    np.testing.assert_allclose(kept, np.expand_dims(expected, axis), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("fn", REDUCTIONS, ids=lambda f: f.__name__)
def test_extremes_are_finite(fn, dtype):
    huge = {"float32": 1e38, "float16": 6e4, "bfloat16": 1e38}[dtype]
    values = ops.cast(
        np.array([[huge, -huge, huge], [1.0, huge, -huge]], "float32"), dtype
    )
    mask = np.array([[False] * 3, [True, False, False]])
    y, gradient = harness.value_and_gradient(lambda v: fn(v, mask), values)
    np.testing.assert_array_equal(y.astype("float32"), [0.0, 1.0])
    np.testing.assert_array_equal(
        gradient.astype("float32"), [[0, 0, 0], [1, 0, 0]]
    )


@pytest.mark.parametrize("fn", REDUCTIONS, ids=lambda f: f.__name__)
def test_gradient(rng, fn):
    mask = rng.random((6, 4)) < 0.6
    harness.check_gradient(
        lambda v: fn(v, mask), rng.normal(size=(6, 4)), rng, rtol=1e-5
    )


def test_shares_have_the_mean_of_the_chosen(rng):
    values = rng.normal(size=(6, 4))
    mask = rng.random((6, 4)) < 0.5
    mask[2] = False
    with harness.float64():
        shares = harness.to_numpy(
            shares_of_mean(
                ops.array(values), ops.array(mask), 1.0 * len(values)
            )
        )
        empty = shares_of_mean(
            ops.array(values), ops.array(mask & False), 1.0 * len(values)
        )
    assert shares.mean() == pytest.approx(values[mask].mean(), rel=1e-12)
    sums = np.where(mask, values, 0.0).sum(axis=-1)
    np.testing.assert_allclose(shares * mask.sum(), 6 * sums, rtol=1e-12)
    np.testing.assert_array_equal(empty, 0.0)
