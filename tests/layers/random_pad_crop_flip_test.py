"""The augmentation layer against windows cut by hand."""

import keras
import numpy as np
import pytest

from fgkeras.layers import RandomPadCropFlip


def images(rng, count=6):
    return rng.uniform(1, 255, (count, 5, 7, 3)).astype("float32")


def test_every_output_is_a_window_of_the_padded_image():
    x = images(np.random.default_rng(0), count=64)
    layer = RandomPadCropFlip(padding=2, seed=1)
    y = np.asarray(keras.ops.convert_to_numpy(layer(x, training=True)))
    padded = np.pad(x, [(0, 0), (2, 2), (2, 2), (0, 0)])
    seen = set()
    for i in range(len(x)):
        found = [
            (dy, dx, mirror)
            for dy in range(5)
            for dx in range(5)
            for mirror in (False, True)
            if np.array_equal(
                padded[i, dy : dy + 5, dx : dx + 7][:, :: -1 if mirror else 1],
                y[i],
            )
        ]
        assert found, f"image {i} is no window"
        seen.update(found)
    assert {dy for dy, _, _ in seen} == set(range(5))
    assert {dx for _, dx, _ in seen} == set(range(5))
    assert {m for _, _, m in seen} == {False, True}


def test_inference_leaves_images_alone():
    x = images(np.random.default_rng(0))
    layer = RandomPadCropFlip(seed=1)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(layer(x, training=False)), x
    )


def test_seeded_and_round_trip():
    x = images(np.random.default_rng(0))
    layer = RandomPadCropFlip(padding=3, flip=False, seed=5)
    twin = RandomPadCropFlip.from_config(layer.get_config())
    a = keras.ops.convert_to_numpy(layer(x, training=True))
    b = keras.ops.convert_to_numpy(twin(x, training=True))
    np.testing.assert_array_equal(a, b)
    again = keras.ops.convert_to_numpy(layer(x, training=True))
    assert not np.array_equal(a, again)


def test_negative_padding_is_refused():
    with pytest.raises(ValueError, match="padding=-1"):
        RandomPadCropFlip(padding=-1)
