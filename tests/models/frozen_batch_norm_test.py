"""Tests for fgkeras.models.frozen_batch_norm."""

import keras
import numpy as np
import pytest

from fgkeras.models import backbone
from fgkeras.models import classifier
from fgkeras.models import freeze_batch_norm
from tests import harness


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (8, 32, 32, 3)).astype("float32")


def state(model):
    """Values of the backbone's variables by what they are."""
    values = {"moving": [], "gamma": [], "beta": []}
    for variable in model.get_layer("backbone").variables:
        for kind, kept in values.items():
            if variable.path.rsplit("/", 1)[-1].startswith(kind):
                kept.append(harness.to_numpy(variable))
    return values


def train(model, pixels):
    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(pixels, np.arange(8) % 3, epochs=2, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small_cnn", "cifar_resnet20"])
@pytest.mark.parametrize("reloaded", [False, True])
def test_training_leaves_statistics_alone(tmp_path, pixels, name, reloaded):
    model = classifier(backbone(name, (32, 32, 3)), 3, freeze_batch_norm=True)
    if reloaded:
        model = harness.check_saved_model(model, pixels, tmp_path / "m.keras")
    before = state(model)
    assert before["moving"]
    train(model, pixels)
    after = state(model)
    for a, b in zip(before["moving"], after["moving"], strict=True):
        np.testing.assert_array_equal(a, b)
    for kind in ("gamma", "beta"):
        pairs = zip(before[kind], after[kind], strict=True)
        assert all((a != b).any() for a, b in pairs)


def test_without_it_statistics_move(pixels):
    model = classifier(backbone("small_cnn", (32, 32, 3)), 3)
    before = state(model)["moving"]
    train(model, pixels)
    assert any(
        (a != b).any()
        for a, b in zip(before, state(model)["moving"], strict=True)
    )


def test_is_a_copy_with_the_same_values(pixels):
    body = backbone("small_cnn", (32, 32, 3))
    body.get_layer("block1_bn").moving_mean.assign(np.full(32, 0.3))
    frozen = freeze_batch_norm(body)
    expected = body.predict(pixels, verbose=0)
    np.testing.assert_array_equal(frozen.predict(pixels, verbose=0), expected)
    # In training mode too.
    np.testing.assert_allclose(
        frozen(pixels, training=True), expected, rtol=1e-4, atol=1e-5
    )
    frozen.get_layer("block1_bn").moving_mean.assign(np.zeros(32))
    np.testing.assert_array_equal(body.predict(pixels, verbose=0), expected)


@pytest.mark.slow
def test_keeps_reversed_channels(pixels):
    body = backbone("resnet50", (32, 32, 3))
    np.testing.assert_allclose(
        freeze_batch_norm(body).predict(pixels, verbose=0),
        body.predict(pixels, verbose=0),
        rtol=1e-4,
        atol=1e-4,
    )
