"""Tests for fgkeras.losses.cascaded_contrastive."""

import math

import numpy as np
import pytest

from fgkeras.losses import CascadedContrastive
from fgkeras.losses import cascaded_contrastive
from tests import harness
from tests.losses.embedding_cases import LABELS
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import unit


def by_definition(labels, x, shares, margin, squared=False):
    """The sum over three levels, pair by pair, one value per anchor."""
    n, levels = len(labels), len(shares) + 1
    parts = [unit(part) for part in np.split(x, levels, axis=1)]
    positives = [
        (i, j)
        for i in range(n)
        for j in range(n)
        if i != j and labels[i] == labels[j]
    ]
    negatives = [
        (i, j) for i in range(n) for j in range(n) if labels[i] != labels[j]
    ]
    power, values = 2 if squared else 1, np.zeros(n)
    for level, part in enumerate(parts):
        d = {
            (i, j): np.sqrt(np.sum((part[i] - part[j]) ** 2))
            for i, j in [*positives, *negatives]
        }
        for i, j in positives:
            values[i] += d[i, j] ** power
        for i, j in negatives:
            values[i] += max(0.0, margin - d[i, j]) ** power
        if level < len(shares):
            positives.sort(key=lambda pair, d=d: -d[pair])
            negatives.sort(key=lambda pair, d=d: d[pair])
            # A pair and its mirror image are as hard as each other.
            for pairs in (positives, negatives):
                kept = math.ceil(shares[level] * len(pairs) - 1e-9)
                del pairs[kept + kept % 2 :]
    return values


@pytest.mark.parametrize("shares", [(0.5, 0.2), (1.0, 0.3), (0.4,)])
@pytest.mark.parametrize("squared", [False, True])
def test_is_the_sum_over_levels_in_loops(shares, squared):
    labels, x = batch(dim=4 * (len(shares) + 1))
    with harness.float64():
        found = cascaded_contrastive(
            labels,
            x,
            num_levels=len(shares) + 1,
            margin=1.3,
            fraction=shares,
            squared=squared,
        )
        expected = by_definition(labels, x, shares, 1.3, squared)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_every_level_is_trained_and_no_other_scale_counts():
    labels, x = batch(dim=9)

    def loss(z):
        return cascaded_contrastive(labels, z, margin=1.3)

    rng = np.random.default_rng(0)
    harness.check_gradient(loss, x, rng)
    harness.check_xla(loss, x.astype("float32"))
    value, gradient = harness.value_and_gradient(loss, x.astype("float32"))
    assert all(part.any() for part in np.split(gradient, 3, axis=1))
    scaled = x * np.repeat([3.0, 0.5, 9.0], 3)
    np.testing.assert_allclose(loss(scaled), value, rtol=1e-5)


def test_harder_pairs_go_deeper():
    """Only the pair that the first level finds hard moves the second."""
    labels = np.array([0, 0, 0])
    first = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
    second = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    x = np.concatenate([first, second], axis=1).astype("float32")
    _, gradient = harness.value_and_gradient(
        lambda z: cascaded_contrastive(
            labels, z, num_levels=2, fraction=1.0 / 3.0
        ),
        x,
    )
    moved = np.abs(gradient[:, 2:]).sum(axis=1) > 1e-6
    assert moved.tolist() == [True, False, True]


def test_config():
    loss = CascadedContrastive(fraction=(0.5, 0.2), margin=0.7)
    twin = harness.check_config(loss)
    x = np.random.default_rng(0).normal(size=(len(LABELS), 6)).astype("float32")
    assert float(twin(LABELS, x)) == float(loss(LABELS, x))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"margin": 0.0}, "Received: margin=0.0"),
        ({"fraction": 0.0}, "Received: fraction=0.0"),
        ({"fraction": [0.5]}, r"2 for 3 stages. Received: fraction=\[0.5\]"),
        ({"num_levels": 0}, "Received: num_levels=0"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        CascadedContrastive(**kwargs)


def test_parts_are_equal():
    with pytest.raises(ValueError, match="equal parts of 3 levels"):
        cascaded_contrastive(LABELS, np.ones((len(LABELS), 4), "float32"))
