"""Predictions over an image and its mirror image."""

import keras
import numpy as np
import pytest

from fgkeras.models import mirror_averaging
from tests import harness


def probabilities(z, activation):
    if activation == "sigmoid":
        return 1 / (1 + np.exp(-z))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_mean_of_both_views(activation, tmp_path):
    images = keras.Input((4, 5, 3))
    x = keras.layers.Flatten()(images)
    model = keras.Model(images, keras.layers.Dense(6)(x))
    pixels = np.random.default_rng(0).uniform(0, 4, (3, 4, 5, 3))
    pixels = pixels.astype("float32")
    both = mirror_averaging(model, activation)
    a, b = (
        probabilities(model.predict(p, verbose=0).astype("float64"), activation)
        for p in (pixels, pixels[:, :, ::-1])
    )
    found = probabilities(both.predict(pixels, verbose=0), activation)
    np.testing.assert_allclose(found, (a + b) / 2, rtol=1e-4, atol=1e-6)
    mirrored = both.predict(pixels[:, :, ::-1].copy(), verbose=0)
    np.testing.assert_allclose(
        probabilities(mirrored, activation), found, rtol=1e-4, atol=1e-6
    )
    harness.check_saved_model(both, pixels, tmp_path / "m.keras")


def test_what_else_a_model_gives_is_that_of_the_image_itself():
    images = keras.Input((4, 5, 3))
    x = keras.layers.Flatten()(images)
    logits = keras.layers.Dense(6)(x)
    alone = mirror_averaging(keras.Model(images, logits))
    both = mirror_averaging(keras.Model(images, [logits, x]))
    pixels = np.random.default_rng(0).uniform(0, 4, (3, 4, 5, 3))
    pixels = pixels.astype("float32")
    mean, flat = both.predict(pixels, verbose=0)
    np.testing.assert_allclose(mean, alone.predict(pixels, verbose=0))
    np.testing.assert_array_equal(flat, pixels.reshape(3, -1))


def test_unknown_activation():
    images = keras.Input((4, 5, 3))
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    with pytest.raises(ValueError, match="activation='tanh'"):
        mirror_averaging(model, "tanh")
