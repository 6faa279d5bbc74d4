"""Pooled spectra equal the mean of one sketch per location."""

import numpy as np
import pytest
from keras import ops

from fgkeras.ops import gram_sketch
from fgkeras.ops import hash_tables
from fgkeras.ops import pooled_tensor_sketches
from fgkeras.ops import sketch_transform
from fgkeras.ops import tensor_sketch
from fgkeras.ops.sketches.sketch_spectrum import room_of_rows
from tests import harness

TRANSFORMS = ("fourier", "fft", "hadamard")


def squared(y):
    """Not linear, and in float64 where `y` is (`ops.sin` is not, on JAX)."""
    return y * y


@pytest.fixture
def x():
    """Batch 5, 6 locations, 7 channels: no two axes agree."""
    return np.random.default_rng(0).standard_normal((5, 6, 7))


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("block", [1, 2 * 6 * 16, 10**9])
def test_equals_the_mean_over_locations(x, transform, block):
    buckets, signs = hash_tables(4, 7, 16)
    with harness.float64():
        y = harness.to_numpy(
            pooled_tensor_sketches(
                x, buckets, signs, 16, transform=transform, block=block
            )
        )
        for order in (2, 3, 4):
            each = tensor_sketch(
                x, buckets[:order], signs[:order], 16, transform=transform
            )
            np.testing.assert_allclose(
                y[:, order - 2],
                harness.to_numpy(each).mean(axis=1),
                rtol=1e-11,
                atol=1e-11,
            )


@pytest.mark.slow
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("block", [2 * 6 * 16, 10**9])
def test_gradient(x, transform, block):
    tables = hash_tables(4, 7, 16)
    harness.check_gradient(
        lambda z: squared(
            pooled_tensor_sketches(
                z, *tables, 16, transform=transform, block=block
            )
        ),
        x,
        np.random.default_rng(1),
    )


@pytest.mark.parametrize("sketch_dim", [15, 16])
@pytest.mark.parametrize("order", [2, 3, 4])
def test_the_fast_transform_gives_the_same_numbers(x, order, sketch_dim):
    tables = hash_tables(order, 7, sketch_dim)
    values, gradients = zip(
        *(
            harness.value_and_gradient(
                lambda z, name=name: squared(
                    pooled_tensor_sketches(
                        z, *tables, sketch_dim, transform=name
                    )
                ),
                x.astype("float32"),
            )
            for name in ("fft", "fourier")
        ),
        strict=True,
    )
    np.testing.assert_allclose(*values, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(*gradients, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("transform", ["fourier", "fft"])
@pytest.mark.parametrize("block", [2 * 6 * 16, 10**9])
def test_xla(x, block, transform):
    tables = hash_tables(3, 7, 16)
    harness.check_xla(
        lambda z: pooled_tensor_sketches(
            z, *tables, 16, transform=transform, block=block
        ),
        x.astype("float32"),
        rtol=1e-4,
        atol=1e-5,
    )


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_order_two_from_the_gram_matrix(x, transform):
    tables = hash_tables(2, 7, 16)
    with harness.float64():
        pooled = pooled_tensor_sketches(x, *tables, 16, transform=transform)
        gram = gram_sketch(x, *tables, 16, transform=transform)
    np.testing.assert_allclose(
        harness.to_numpy(gram),
        harness.to_numpy(pooled)[:, 0],
        rtol=1e-11,
        atol=1e-12,
    )
    harness.check_gradient(
        lambda z: squared(gram_sketch(z, *tables, 16, transform=transform)),
        x,
        np.random.default_rng(1),
    )


@pytest.mark.slow
@pytest.mark.parametrize("room", [1, 5])
@pytest.mark.parametrize("block", [2 * 6 * 64, 10**9])
def test_with_and_without_lists_of_channels(x, block, room):
    buckets, signs = hash_tables(4, 7, 64)
    assert room_of_rows(sketch_transform("hadamard", 64, 7), buckets) == 4

    def pooled(z, buckets, room=None):
        y = pooled_tensor_sketches(
            z,
            buckets,
            signs,
            64,
            transform="hadamard",
            room=room,
            block=block,
        )
        return squared(y)

    hidden = ops.convert_to_tensor(buckets)  # No NumPy array: no lists.
    with harness.float64():
        without = harness.to_numpy(pooled(x, hidden))
        for case in ((buckets,), (hidden, room)):
            np.testing.assert_allclose(
                harness.to_numpy(pooled(x, *case)),
                without,
                rtol=1e-10,
                atol=1e-12,
            )
    harness.check_gradient(
        lambda z: pooled(z, hidden, room), x, np.random.default_rng(1)
    )


def test_lists_of_channels_under_xla(x):
    buckets, signs = hash_tables(3, 7, 64)
    hidden = ops.convert_to_tensor(buckets)
    harness.check_xla(
        lambda z: pooled_tensor_sketches(
            z, hidden, signs, 64, transform="hadamard", room=1
        ),
        x.astype("float32"),
        rtol=1e-4,
        atol=1e-5,
    )


def test_one_table_is_refused(x):
    with pytest.raises(ValueError, match=r"shape \(1, 7\)"):
        pooled_tensor_sketches(x, *hash_tables(1, 7, 16), 16)
