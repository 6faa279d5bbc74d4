"""Tests for fgkeras.data.images.nuisance."""

import numpy as np
import pytest

from fgkeras.data.images.nuisance import gaussian_noise
from fgkeras.data.images.nuisance import low_resolution
from fgkeras.data.images.nuisance import salt_and_pepper


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (3, 40, 60, 3), dtype="uint8")


def test_nothing_for_no_amount(images):
    for same in (
        gaussian_noise(images, 0),
        salt_and_pepper(images, 0),
        low_resolution(images, 40),
    ):
        np.testing.assert_array_equal(same, images)
        assert same is not images


def test_gaussian_noise_has_the_deviation():
    gray = np.full((2, 100, 100, 3), 128, "uint8")
    noisy = gaussian_noise(gray, 12.0)
    assert noisy.dtype == np.uint8
    assert abs(noisy.mean() - 128) < 0.3
    assert abs(noisy.astype(float).std() - 12) < 0.3
    assert noisy[0].tobytes() != noisy[1].tobytes()
    bright = gaussian_noise(np.full((1, 9, 9, 3), 250, "uint8"), 30.0)
    assert bright.min() > 100  # cut at 255, not wrapped to 0


def test_salt_and_pepper_turns_whole_pixels():
    gray = np.full((2, 100, 100, 3), 128, "uint8")
    noisy = salt_and_pepper(gray, 0.3)
    assert (noisy == noisy[..., :1]).all()
    for value, share in ((0, 0.15), (255, 0.15), (128, 0.7)):
        assert abs((noisy == value).mean() - share) < 0.02
    assert set(np.unique(salt_and_pepper(gray, 1.0))) == {0, 255}


def test_low_resolution_is_an_average(images):
    small = low_resolution(images, 10)
    assert small.shape == images.shape
    np.testing.assert_allclose(
        small.mean((1, 2)), images.mean((1, 2)), atol=2.0
    )
    assert small.std() < 0.4 * images.std()
    constant = low_resolution(images, 1)
    assert constant[0, :, :, 0].std() < 30


def test_seeds(images):
    for function, amount in ((gaussian_noise, 9.0), (salt_and_pepper, 0.2)):
        one = function(images, amount, seed=1)
        np.testing.assert_array_equal(one, function(images, amount, seed=1))
        assert (one != function(images, amount, seed=2)).any()


def test_refusals(images):
    with pytest.raises(ValueError, match="deviation=-1"):
        gaussian_noise(images, -1)
    with pytest.raises(ValueError, match="share=1.5"):
        salt_and_pepper(images, 1.5)
    with pytest.raises(ValueError, match="size=0"):
        low_resolution(images, 0)
    for function in (gaussian_noise, salt_and_pepper, low_resolution):
        with pytest.raises(ValueError, match="dtype=float64"):
            function(images / 255.0, 1)
