"""Tensor sketches against their definition."""

import itertools

import numpy as np
import pytest

from fgkeras.ops import hash_tables
from fgkeras.ops import sketch_transform
from fgkeras.ops import tensor_sketch
from tests import harness

TRANSFORMS = ("fourier", "fft", "hadamard")


def combine(transform, buckets, sketch_dim):
    """The group's sum of bucket numbers, in plain integers."""
    total = 0
    for b in buckets:
        b = int(b)
        total = total ^ b if transform == "hadamard" else total + b
    return total % sketch_dim


def reference_sketch(x, buckets, signs, sketch_dim, transform):
    """The definition: every tuple of channels goes to one signed bucket."""
    order, channels = buckets.shape
    out = np.zeros(sketch_dim)
    for index in itertools.product(range(channels), repeat=order):
        rows = range(order), index
        place = combine(transform, buckets[rows], sketch_dim)
        out[place] += np.prod(signs[rows]) * np.prod([x[c] for c in index])
    return out


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    ("transform", "sketch_dim"),
    [("fourier", 7), ("fourier", 12), ("fourier", 18), ("hadamard", 8)],
)
def test_matches_the_definition(order, transform, sketch_dim):
    x = np.random.default_rng(1).standard_normal(5)
    tables = hash_tables(order, 5, sketch_dim, seed=order)
    with harness.float64():
        y = tensor_sketch(x, *tables, sketch_dim, transform=transform)
        y = harness.to_numpy(y)
    expected = reference_sketch(x, *tables, sketch_dim, transform)
    np.testing.assert_allclose(y, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_expectation_over_all_hash_tables_is_exact(transform):
    # Two channels, two buckets, order two: only 256 tables exist, so the
    # expectation is a finite sum and the test needs no statistics.
    x, y = np.random.default_rng(2).standard_normal((2, 2))
    pairs = list(itertools.product([0, 1], repeat=4))
    products = []
    for b, s in itertools.product(pairs, pairs):
        tables = np.reshape(b, (2, 2)), 2 * np.reshape(s, (2, 2)) - 1
        sx, sy = (reference_sketch(v, *tables, 2, transform) for v in (x, y))
        products.append(sx @ sy)
    np.testing.assert_allclose(np.mean(products), (x @ y) ** 2, rtol=1e-12)
    # The reference is the code: one table of each kind of collision.
    for b in pairs[::5]:
        tables = np.reshape(b, (2, 2)), np.array([[1, -1], [-1, -1]])
        with harness.float64():
            got = harness.to_numpy(
                tensor_sketch(x, *tables, 2, transform=transform)
            )
        np.testing.assert_allclose(
            got, reference_sketch(x, *tables, 2, transform), atol=1e-12
        )


def many_products(x, y, order, sketch_dim, transform, draws):
    """Inner products of sketches, one per draw of the tables."""
    group = sketch_transform(transform, sketch_dim)
    counts = np.zeros((order, 2, draws, sketch_dim), "float32")
    for seed in range(draws):
        buckets, signs = hash_tables(order, len(x), sketch_dim, seed)
        for t in range(order):
            for side, v in enumerate((x, y)):
                np.add.at(counts[t, side, seed], buckets[t], signs[t] * v)
    spectrum = None
    for t in range(order):
        columns = counts[t].reshape(2 * draws, sketch_dim).T
        factor = group.forward(np.ascontiguousarray(columns))
        spectrum = factor if t == 0 else group.multiply(spectrum, factor)
    sketches = harness.to_numpy(group.back(group.weigh(spectrum)))
    a, b = sketches.T.reshape(2, draws, sketch_dim)
    return (a * b).sum(axis=1)


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_every_order_is_unbiased(transform, order):
    x = np.random.default_rng(3).uniform(0, 1, (2, 16))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    products = many_products(*x, order, 64, transform, 600)
    error = np.mean(products) - (x[0] @ x[1]) ** order
    deviation = np.std(products) / np.sqrt(len(products))
    assert abs(error) < 4 * deviation, (error, deviation)


def test_variances_of_both_groups():
    # Equal vectors are where the groups differ most: at order 3, 8 + 8 - 2
    # over the integers and 27 - 1 over bit strings, by the sketch's length.
    x = np.random.default_rng(4).standard_normal(64)
    x /= np.linalg.norm(x)
    for transform, expected in (("fourier", 14), ("hadamard", 26)):
        norms = many_products(x, x, 3, 512, transform, 1000)
        found = np.var(norms) * 512 / expected
        assert 0.7 < found < 1.3, (transform, found)


def test_unknown_transform_and_length():
    tables = hash_tables(2, 3, 12)
    with pytest.raises(ValueError, match="transform='cosine'"):
        tensor_sketch(np.ones(3), *tables, 12, transform="cosine")
    with pytest.raises(ValueError, match="sketch_dim=12"):
        tensor_sketch(np.ones(3), *tables, 12, transform="hadamard")
    with pytest.raises(ValueError, match="sketch_dim=514"):
        tensor_sketch(np.ones(3), *tables, 514)
    with pytest.raises(ValueError, match="sketch_dim=0"):
        tensor_sketch(np.ones(3), *tables, 0)
