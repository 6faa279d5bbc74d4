"""Tests for fgkeras.losses.distance_weighted_triplet."""

import keras
import numpy as np
import pytest

from fgkeras import layers
from fgkeras.losses import DistanceWeightedTriplet
from fgkeras.losses import distance_weighted_triplet
from tests import harness
from tests.losses import graded_definitions as definitions
from tests.losses.embedding_cases import batch
from tests.losses.embedding_cases import unit


def case(seed=0):
    labels, x = batch(seed)
    return labels, unit(x), (labels[:, None] == labels).astype(float)


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("nearest", [1.0, 0.5])
def test_matches_definition(drawn, nearest):
    labels, x, grades = case()
    lots = np.random.default_rng(4).random((9, 2)) if drawn else None
    near = definitions.nearest_grades(x, grades, nearest)
    weights = definitions.drawing(x, grades)
    values, number = [], 0.0
    for a in range(9):
        values.append(0.0)
        for p in np.flatnonzero(near[a] * (np.arange(9) != a)):
            chances = weights[a]
            if drawn and chances.sum():
                left = 1.0 - (lots[a, 0] + lots[p, 1]) % 1.0
                drawn_one = np.argmax(np.cumsum(chances) >= left)
                chances = np.arange(9) == drawn_one
            for n in np.flatnonzero(chances):
                far = definitions.distance(x, a, n)
                excess = definitions.distance(x, a, p) - far + 0.2
                values[-1] += chances[n] * max(excess, 0)
                number += chances[n] * (excess > 0)
    expected = np.array(values) * 9 / number
    with harness.float64():
        found = distance_weighted_triplet(labels, x, lots=lots, nearest=nearest)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_draws_are_on_average_the_expectation():
    labels, x, _ = case(2)
    x = x.astype("float32")
    expected = harness.to_numpy(distance_weighted_triplet(labels, x))
    rng = np.random.default_rng(0)
    run = harness.kept(
        lambda lots: distance_weighted_triplet(labels, x, lots=lots)
    )
    draws = [
        harness.to_numpy(run(rng.random((9, 2)).astype("float32")))
        for _ in range(200)
    ]
    # Ratios of means differ a little from means of ratios.
    np.testing.assert_allclose(np.mean(draws, 0), expected, atol=0.1)
    assert np.std(draws, axis=0).max() > 0.1


def test_draws_of_a_model_are_repeated_by_its_seed(tmp_path):
    labels, x, _ = case()

    def model():
        body = keras.Sequential([keras.Input((4,)), layers.UniformLots(seed=3)])
        body.compile("sgd", DistanceWeightedTriplet(num_lots=2))
        return body

    first = model()
    one, two = (np.asarray(first(x)) for _ in range(2))
    np.testing.assert_allclose(one[:, :4], x, rtol=1e-6)
    assert one.shape == (9, 6)
    assert (one[:, 4:] != two[:, 4:]).all()
    assert ((one[:, 4:] >= 0) & (one[:, 4:] < 1)).all()
    again = model()
    np.testing.assert_array_equal(again(x), one)
    np.testing.assert_array_equal(again(x), two)
    again.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.loss.num_lots == 2
    assert np.isfinite(loaded.evaluate(x, labels, verbose=0))


def test_columns_of_lots_must_be_there():
    loss = DistanceWeightedTriplet(num_lots=2)
    with pytest.raises(ValueError, match=r"num_lots=2 for y_pred of shape"):
        loss(np.array([0, 0]), np.zeros((2, 2), "float32"))
    with pytest.raises(ValueError, match="Received: num_lots=0"):
        layers.UniformLots(0)
