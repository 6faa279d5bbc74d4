"""Moving statistics estimated anew, against their definition in float64."""

import keras
import numpy as np
import pytest
from keras import layers

from fgkeras.models import freeze_batch_norm
from fgkeras.training.batch_statistics import settle_batch_norm
from fgkeras.training.batch_statistics import statistics_notes
from fgkeras.training.batch_statistics import unsettled


def small_model(momentum=0.99, nested=True):
    """Two normalizations behind each other, and what draws numbers."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((5,))
    x = layers.Dense(4, name="one")(inputs)
    x = layers.BatchNormalization(momentum=momentum, name="first")(x)
    x = layers.Dense(3, activation="relu", name="two")(x)
    x = layers.BatchNormalization(momentum=momentum, name="second")(x)
    body = keras.Model(inputs, x, name="backbone")
    if not nested:
        return body
    x = layers.Dropout(0.5, seed=3)(body(inputs))
    model = keras.Model(inputs, layers.Dense(2)(x))
    for v in model.trainable_variables:
        v.assign(v + 0.3 * np.random.default_rng(2).normal(size=v.shape))
    return model


def batches(step):
    """Endless batches, each a function of its step."""
    while True:
        rng = np.random.default_rng(step)
        yield rng.normal(step % 3, 1 + step % 2, (6, 5)).astype("float32"), None
        step += 1


def definition(model, images, parts=1):
    """Mean and variance of what enters each layer, over all batches."""
    body = model.get_layer("backbone")
    seen = {"first": [], "second": []}
    for batch in images:
        for x in np.split(batch.astype("float64"), parts):
            for dense, name, last in (
                ("one", "first", lambda z: z),
                ("two", "second", lambda z: np.maximum(z, 0)),
            ):
                kernel, bias = body.get_layer(dense).get_weights()
                x = last(x @ kernel.astype("float64") + bias)
                seen[name].append(x)
                norm = body.get_layer(name)
                gamma, beta = norm.get_weights()[:2]
                x = (x - x.mean(0)) / np.sqrt(x.var(0) + norm.epsilon)
                x = x * gamma + beta
    return {
        name: (np.concatenate(x).mean(0), np.concatenate(x).var(0))
        for name, x in seen.items()
    }


@pytest.mark.parametrize(("steps", "most", "parts"), [(7, 200, 1), (20, 4, 3)])
def test_they_are_mean_and_variance_over_all_batches(steps, most, parts):
    model = small_model()
    before = {v.path: np.array(v) for v in model.variables}
    found = settle_batch_norm(
        model, batches, steps=steps, most=most, parts=parts
    )
    count = min(steps, most)
    assert found["layers"] == 2
    assert found["batches"] == count
    assert found["left"] == pytest.approx(0.99**steps)
    wanted = definition(
        model,
        [next(batches(t))[0] for t in range(steps - count, steps)],
        parts,
    )
    for name, (mean, variance) in wanted.items():
        norm = model.get_layer("backbone").get_layer(name)
        np.testing.assert_allclose(norm.moving_mean, mean, atol=1e-5)
        np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-4)
        assert norm.momentum == 0.99
    # Nothing else has moved: weights, and what dropout draws next.
    for v in model.variables:
        if "moving" not in v.path:
            np.testing.assert_array_equal(np.array(v), before[v.path])


def test_the_same_batches_give_the_same_statistics():
    one, two = (small_model() for _ in range(2))
    for model in (one, two):
        settle_batch_norm(model, batches, steps=5)
    for a, b in zip(one.variables, two.variables, strict=True):
        np.testing.assert_array_equal(np.array(a), np.array(b))


@pytest.mark.parametrize("case", ["settled", "frozen", "fixed", "none", "new"])
def test_what_has_arrived_or_never_moves_is_left_alone(case):
    model, steps = small_model(momentum=0.9), 43
    if case == "settled":
        steps = 44
    elif case == "frozen":
        model = freeze_batch_norm(small_model(momentum=0.9, nested=False))
    elif case == "fixed":
        model.get_layer("backbone").trainable = False
    elif case == "none":
        model = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
    else:
        steps = 0
    before = [np.array(v) for v in model.variables]

    def never(step):
        raise AssertionError("no batch is needed")

    assert settle_batch_norm(model, never, steps=steps) is None
    for v, old in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.array(v), old)


def test_each_layer_has_its_own_momentum():
    model = small_model(momentum=0.9)
    second = model.get_layer("backbone").get_layer("second")
    second.momentum = 0.999
    assert unsettled(model, 100) == [second]
    assert settle_batch_norm(model, batches, steps=100, most=3)["layers"] == 1
    first = model.get_layer("backbone").get_layer("first")
    np.testing.assert_array_equal(first.moving_mean, np.zeros(4))


def test_the_note_states_what_was_done():
    found = settle_batch_norm(small_model(), batches, steps=10)
    (text,) = statistics_notes(found)
    assert "10 steps at momentum 0.99 left 90 %" in text
    assert "2 layers" in text
