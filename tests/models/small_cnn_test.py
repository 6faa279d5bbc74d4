"""Tests for fgkeras.models.small_cnn."""

import keras
import numpy as np
import pytest

from fgkeras.models.classifiers import classifier
from fgkeras.models.small_cnn import build_small_cnn


@pytest.mark.parametrize(("size", "side"), [(64, 4), (96, 6), (None, None)])
def test_shape(size, side):
    model = build_small_cnn((size, size, 3))
    assert model.output_shape == (None, side, side, 192)


@pytest.mark.slow
def test_learns_where_a_bright_square_is():
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    labels = rng.integers(4, size=128)
    images = rng.uniform(0, 120, (128, 32, 32, 3)).astype("float32")
    colors = np.eye(4)[:, :3] * 200
    images[:, 8:20, 8:20] += colors[labels][:, None, None]
    model = classifier(build_small_cnn((32, 32, 3)), 4)
    model.compile(
        keras.optimizers.Adam(3e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(images, labels, batch_size=16, epochs=4, verbose=0)
    accuracy = model.evaluate(images, labels, verbose=0)[1]
    assert accuracy > 0.9
