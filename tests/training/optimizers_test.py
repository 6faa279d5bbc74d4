"""Momentum against its definition, with a rate that drops."""

import keras
import numpy as np
import pytest

from fgkeras.training.optimizers import MomentumSGD
from fgkeras.training.schedules import Step


def test_follows_the_definition_through_a_drop():
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 3)).astype("float32")
    variable = keras.Variable(np.zeros(3, "float32"))
    optimizer = MomentumSGD(Step(0.5, [3], [0.01]), momentum=0.9)
    weight, velocity = np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients):
        optimizer.apply([keras.ops.convert_to_tensor(g)], [variable])
        velocity = 0.9 * velocity + g
        weight = weight - (0.5 if t < 3 else 0.005) * velocity
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(variable.value), weight, rtol=1e-5
        )


def test_constant_rate_equals_keras_sgd():
    a, b = keras.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0])
    one, two = MomentumSGD(0.1, 0.8), keras.optimizers.SGD(0.1, 0.8)
    for t in range(5):
        g = keras.ops.convert_to_tensor([float(t), 1.0])
        one.apply([g], [a])
        two.apply([g], [b])
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(a.value),
        keras.ops.convert_to_numpy(b.value),
        rtol=1e-6,
    )


def test_config_round_trip_and_error():
    twin = MomentumSGD.from_config(MomentumSGD(0.2, 0.5).get_config())
    assert twin.momentum == 0.5
    with pytest.raises(ValueError, match="momentum=1"):
        MomentumSGD(momentum=1.0)
