"""Learning rates per part: exact steps, loading, resuming, loss scaling."""

import keras
import numpy as np
import pytest

from fgkeras.models.learning_rates import PartLearningRates
from fgkeras.models.learning_rates import part_learning_rates
from tests.harness import check_config


def small_model():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(4, name="first"),
            keras.layers.BatchNormalization(name="norm"),
        ],
        name="body",
    )
    x = keras.Input((3,))
    return keras.Model(x, keras.layers.Dense(2, name="head")(inner(x)))


def data():
    rng = np.random.default_rng(0)
    return (
        rng.standard_normal((8, 3)).astype("float32"),
        rng.integers(0, 2, 8),
    )


def steps_of(optimizer_of, num=1):
    """Change of every trainable variable over `num` steps."""
    model = small_model()
    model.compile(
        optimizer_of(model),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    before = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
    for _ in range(num):
        model.train_on_batch(*data())
    after = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
    return [a - b for a, b in zip(after, before, strict=True)], model


def test_factors_scale_steps_of_their_part_only():
    plain, _ = steps_of(lambda m: keras.optimizers.SGD(0.1))
    parts = {"body": 0.5, "norm": 3.0, "head": 0.0}
    scaled, model = steps_of(
        lambda m: part_learning_rates(keras.optimizers.SGD(0.1), m, parts)
    )
    assert model.optimizer.factors == [0.5, 0.5, 3.0, 3.0, 0.0, 0.0]
    for p, s, f in zip(plain, scaled, model.optimizer.factors, strict=True):
        np.testing.assert_allclose(s, f * p, rtol=1e-4, atol=1e-7)
    assert plain[-1].any()


def test_adam_with_a_schedule_steps_by_the_part_s_rate():
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([0], [0.1, 0.01])
    changes, _ = steps_of(
        lambda m: part_learning_rates(
            keras.optimizers.Adam(rate, epsilon=0.0), m, {"head": 7.0}
        )
    )
    # The first step of Adam is the rate itself, whatever the gradient.
    np.testing.assert_allclose(abs(changes[0]), 0.1, rtol=1e-3)
    np.testing.assert_allclose(abs(changes[-2]), 0.7, rtol=1e-3)


def test_a_loaded_model_goes_on_alike(tmp_path):
    _, model = steps_of(
        lambda m: part_learning_rates(
            keras.optimizers.Adam(0.01), m, {"body": 0.1}
        ),
        num=3,
    )
    model.save(tmp_path / "m.keras")
    twin = keras.models.load_model(tmp_path / "m.keras")
    assert isinstance(twin.optimizer, PartLearningRates)
    assert twin.optimizer.factors == model.optimizer.factors
    for m in (model, twin):
        m.train_on_batch(*data())
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        # Sums of threads come in any order.
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert int(keras.ops.convert_to_numpy(twin.optimizer.iterations)) == 4


def test_under_loss_scaling():
    inside = steps_of(
        lambda m: keras.optimizers.LossScaleOptimizer(
            part_learning_rates(keras.optimizers.SGD(0.1), m, {"head": 2.0})
        )
    )[0]
    alone = steps_of(
        lambda m: part_learning_rates(
            keras.optimizers.SGD(0.1), m, {"head": 2.0}
        )
    )[0]
    for a, b in zip(inside, alone, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7)


def test_config_and_learning_rate():
    optimizer = PartLearningRates(keras.optimizers.SGD(0.1), [1.0, 2.0])
    check_config(optimizer)
    optimizer.learning_rate = 0.5
    assert float(optimizer.optimizer.learning_rate) == 0.5


def test_errors():
    model = small_model()
    sgd = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="'tail', with 0 layers"):
        part_learning_rates(sgd, model, {"tail": 1.0})
    with pytest.raises(ValueError, match="at least 0"):
        part_learning_rates(sgd, model, {"head": -1.0})
    model.get_layer("head").trainable = False
    with pytest.raises(ValueError, match="nothing to train"):
        part_learning_rates(sgd, model, {"head": 1.0})
    optimizer = part_learning_rates(sgd, model, {"body": 1.0})
    model.get_layer("head").trainable = True
    with pytest.raises(ValueError, match="4 factors for 6"):
        optimizer.build(model.trainable_variables)
