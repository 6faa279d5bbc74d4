"""Inception's crops: area and aspect against the sentence of the paper."""

import numpy as np
import pytest

from fgkeras.data.images.augment import NUM_RANDOM
from fgkeras.data.images.augment import Augmentation

COUNT = 20_000


def windows(height, width, seed=0):
    import tensorflow as tf

    numbers = np.random.default_rng(seed).uniform(size=(COUNT, NUM_RANDOM))
    return (
        Augmentation("inception_crop", size=8)
        .windows(
            np.full(COUNT, height),
            np.full(COUNT, width),
            tf.constant(numbers, "float32"),
        )
        .numpy()
    )


def apart(found, low, high):
    """The largest distance of two distributions: found, and even."""
    found = np.sort(found)
    even = (found - low) / (high - low)
    steps = np.arange(1, COUNT + 1) / COUNT
    return max(
        np.abs(steps - even).max(), np.abs(steps - 1 / COUNT - even).max()
    )


@pytest.mark.parametrize("shape", [(1000, 1000), (900, 1200), (1300, 1000)])
def test_the_area_is_drawn_evenly_from_8_percent_to_all(shape):
    y, x, h, w = windows(*shape).T.astype("float64")
    # 1.36 / sqrt(n) is the bound of Kolmogorov and Smirnov at 5 %; sides are
    # rounded to pixels.
    assert apart(h * w / np.prod(shape), 0.08, 1.0) < 1.36 / COUNT**0.5 + 2e-3
    ratio = w / h
    assert ratio.min() > 3 / 4 - 0.01
    assert ratio.max() < 4 / 3 + 0.01
    assert (y >= 0).all()
    assert (y + h <= shape[0]).all()
    assert (x >= 0).all()
    assert (x + w <= shape[1]).all()


def test_the_aspect_is_even_in_its_logarithm_where_all_fit():
    """Of a square a window fits at any aspect up to 3/4 of the area."""
    _, _, h, w = windows(3000, 3000).T.astype("float64")
    small = h * w / 9e6 < 0.74
    log = np.log(w / h)[small]
    edge = np.log(4 / 3)
    even = np.sort((log + edge) / (2 * edge))
    steps = np.arange(1, len(even) + 1) / len(even)
    assert np.abs(steps - even).max() < 1.36 / len(even) ** 0.5 + 2e-3
    # Beyond, those that fit: share <= ratio <= 1 / share.
    large = ~small
    share = (h * w / 9e6)[large]
    assert (np.abs(np.log(w / h)[large]) <= -np.log(share) + 2e-3).all()


@pytest.mark.parametrize("shape", [(500, 2000), (2000, 500)])
def test_long_images_end_where_no_aspect_fits(shape):
    _, _, h, w = windows(*shape).T.astype("float64")
    share = h * w / 1e6
    # The largest window of 4:3 in an image of 4:1 has a third of its area.
    assert apart(share, 0.08, 1 / 3) < 1.36 / COUNT**0.5 + 2e-3
    assert (w / h).min() > 3 / 4 - 0.01
    assert (w / h).max() < 4 / 3 + 0.01


def test_a_ribbon_still_has_windows():
    _, _, h, w = windows(10, 4000).T
    assert (h == 10).mean() > 0.9
    assert (w / h).max() <= 1.4


def test_all_places_are_as_likely():
    y, x, h, w = windows(1000, 1000).T.astype("float64")
    free = h < 990
    assert apart_of((y / (1000 - h + 1))[free]) < 0.02
    free = w < 990
    assert apart_of((x / (1000 - w + 1))[free]) < 0.02


def apart_of(found):
    steps = np.arange(1, len(found) + 1) / len(found)
    return np.abs(steps - np.sort(found)).max()
