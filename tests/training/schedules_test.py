"""Learning rates against their definitions."""

import math

import keras
import numpy as np
import pytest

from fgkeras.training import make_schedule


def rate(schedule, step):
    return float(keras.ops.convert_to_numpy(schedule(step)))


def test_cifar_schedule_of_the_paper():
    steps = 85
    schedule = make_schedule(
        "step",
        0.1,
        total_epochs=200,
        steps_per_epoch=steps,
        warmup_epochs=5,
        boundaries=[160, 180],
        factors=[0.01, 0.0001],
    )
    assert rate(schedule, 0) == 0.0
    np.testing.assert_allclose(rate(schedule, 85), 0.1 / 5, rtol=1e-6)
    np.testing.assert_allclose(rate(schedule, 5 * steps), 0.1, rtol=1e-6)
    np.testing.assert_allclose(rate(schedule, 160 * steps - 1), 0.1)
    np.testing.assert_allclose(rate(schedule, 160 * steps), 1e-3, rtol=1e-6)
    np.testing.assert_allclose(rate(schedule, 180 * steps), 1e-5, rtol=1e-6)


def test_cosine_against_its_definition():
    schedule = make_schedule(
        "cosine", 0.2, total_epochs=4, steps_per_epoch=10, warmup_epochs=1
    )
    for step in range(40):
        expected = 0.2 * step / 10
        if step >= 10:
            expected = 0.1 * (1 + math.cos(math.pi * (step - 10) / 30))
        np.testing.assert_allclose(
            rate(schedule, step), expected, rtol=2e-5, atol=1e-8
        )
    assert rate(schedule, 1000) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(("decay", "every"), [(0.94, 2), (0.94, 4), (0.1, 10)])
def test_exponential_of_the_transfer_paper(decay, every):
    schedule = make_schedule(
        "exponential",
        0.0045,
        total_epochs=30,
        steps_per_epoch=7,
        decay=decay,
        decay_epochs=every,
    )
    for step in (0, 7 * every - 1, 7 * every, 15 * every):
        expected = 0.0045 * decay ** (step // (7 * every))
        np.testing.assert_allclose(rate(schedule, step), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["constant", "step", "cosine", "exponential"])
def test_config_round_trip(kind):
    schedule = make_schedule(
        kind,
        0.3,
        total_epochs=3,
        steps_per_epoch=5,
        warmup_epochs=1,
        boundaries=[2],
        factors=[0.1],
    )
    twin = type(schedule).from_config(schedule.get_config())
    assert twin.get_config() == schedule.get_config()
    assert [rate(twin, t) for t in range(15)] == [
        rate(schedule, t) for t in range(15)
    ]


def test_errors():
    with pytest.raises(ValueError, match="schedule='linear'"):
        make_schedule("linear", 0.1, total_epochs=1, steps_per_epoch=1)
    with pytest.raises(ValueError, match="learning_rate=0"):
        make_schedule("constant", 0, total_epochs=1, steps_per_epoch=1)
