"""Tests for fgkeras.ops.triplets."""

import numpy as np
import pytest
from keras import ops

from fgkeras.ops.triplets import FAR
from fgkeras.ops.triplets import products_of_positives
from fgkeras.ops.triplets import sum_over_positives
from tests import harness


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 0, 2, 1, 0],
        [4, 4, 4, 4, 4, 4],
        [9, 8, 7, 6, 5, 4],
        [-1, 3, -1, 3, -1, 3],
    ],
)
def test_every_positive_is_summed_once(labels):
    labels = np.array(labels)
    distances = np.arange(36.0).reshape(6, 6).astype("float32")
    same = (labels[:, None] == labels) & ~np.eye(6, dtype=bool)
    same &= labels[:, None] >= 0
    total, count = sum_over_positives(
        labels,
        ops.convert_to_tensor(distances),
        lambda near, _: (
            ops.where(near > -FAR, near, 0.0)[:, 0],
            ops.cast(near > -FAR, "float32")[:, 0],
            ops.zeros((6, 6)),
            ops.cast(near > -FAR, "float32")[:, 0],
        ),
    )
    np.testing.assert_allclose(total, (distances * same).sum(axis=-1))
    np.testing.assert_array_equal(count, same.sum(axis=-1))


def test_gradient_is_the_slopes_that_step_told():
    labels = np.array([0, 1, 0, 1])
    distances = np.ones((4, 4), "float32")

    def step(near, negatives):
        some = ops.cast(near > -FAR, near.dtype)
        push = some * ops.cast(negatives < FAR, near.dtype)
        return some[:, 0], 3.0 * some[:, 0], 0.5 * push, some[:, 0]

    _, gradient = harness.value_and_gradient(
        lambda d: sum_over_positives(labels, d, step)[0], distances
    )
    expected = np.where(labels[:, None] == labels, 3.0, -0.5)
    np.fill_diagonal(expected, 0.0)
    np.testing.assert_array_equal(gradient, expected)


RNG = np.random.default_rng(0)
# At most 2 of 40 in a class: one by one. Then 3 of 40, and absent rows.
FEW = RNG.permutation(np.arange(40) // 2)
CASES = {
    "few": FEW,
    "many": RNG.permutation(np.arange(40) // 3),
    "absent": np.where(np.arange(40) % 7 == 0, -1, FEW),
    "singletons": np.arange(40),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("compiled", [False, True])
def test_value_and_gradient_are_those_of_the_product(name, compiled):
    labels, x = CASES[name], RNG.normal(size=(40, 6)).astype("float32")
    mask = (labels[:, None] == labels) & ~np.eye(40, dtype=bool)
    mask &= labels[:, None] >= 0
    # Each anchor's values count differently.
    weight = (mask * RNG.normal(size=(40, 40))).astype("float32")

    def total(z):
        found = products_of_positives(labels, z)
        return ops.sum(ops.where(mask, found, 0.0) * weight, axis=-1)

    value, gradient = harness.value_and_gradient(total, x, compiled=compiled)
    np.testing.assert_allclose(
        value, (weight * (x @ x.T)).sum(axis=1), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        gradient, (weight + weight.T) @ x, rtol=1e-4, atol=1e-5
    )
