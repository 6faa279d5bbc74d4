"""Principal components against scikit-learn, by their definition, at limits."""

import numpy as np
import pytest

from fgkeras.ops import principal_components

RNG = np.random.default_rng(3)


def features(count, channels):
    scales = 2.0 ** -np.arange(channels)
    turn = np.linalg.qr(RNG.standard_normal((channels, channels)))[0]
    return RNG.standard_normal((count, channels)) * scales @ turn + 5.0


@pytest.mark.parametrize(("count", "channels"), [(40, 7), (7, 20), (20, 20)])
def test_is_what_the_singular_vectors_say(count, channels):
    x = features(count, channels)
    mean, axes = principal_components(x, 4)
    np.testing.assert_allclose(mean, x.mean(axis=0))
    np.testing.assert_allclose(axes.T @ axes, np.eye(4), atol=1e-9)
    rows = np.linalg.svd(x - x.mean(axis=0))[2][:4]
    np.testing.assert_allclose(np.abs(rows @ axes), np.eye(4), atol=1e-6)
    assert (axes[np.abs(axes).argmax(axis=0), range(4)] > 0).all()


def test_the_variance_along_each_is_the_most_that_is_left():
    x = features(50, 6)
    mean, axes = principal_components(x, 6)
    variance = ((x - mean) @ axes).var(axis=0)
    assert (np.diff(variance) < 0).all()
    directions = RNG.standard_normal((6, 500))
    for k in range(6):
        free = directions - axes[:, :k] @ (axes[:, :k].T @ directions)
        free /= np.linalg.norm(free, axis=0)
        assert ((x - mean) @ free).var(axis=0).max() <= variance[k] * (1 + 1e-9)


@pytest.mark.parametrize("seed", [0, 1])
def test_beyond_the_rank_directions_are_drawn(seed):
    # Four images span three directions.
    x = features(4, 10)
    mean, axes = principal_components(x, 10, seed=seed)
    np.testing.assert_allclose(axes.T @ axes, np.eye(10), atol=1e-9)
    spread = np.abs((x - mean) @ axes).max(axis=0)
    assert (spread[:3] > 1e-4).all()
    assert (spread[3:] < 1e-9).all()
    again = principal_components(x, 10, seed=seed)[1]
    np.testing.assert_array_equal(axes, again)
    other = principal_components(x, 10, seed=seed + 1)[1]
    np.testing.assert_array_equal(axes[:, :3], other[:, :3])
    assert np.abs(axes[:, 3:] - other[:, 3:]).max() > 0.1
    # More than there are channels: of length 1, no longer at right angles.
    wide = principal_components(x, 12, seed=seed)[1]
    np.testing.assert_allclose(np.linalg.norm(wide, axis=0), 1.0)


def test_one_image_and_images_alike_have_no_direction_of_their_own():
    for x in (np.ones((1, 3)), np.ones((5, 3))):
        mean, axes = principal_components(x, 2)
        np.testing.assert_allclose(mean, 1.0)
        np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-9)


def test_large_sides_are_searched_at_random_and_found(monkeypatch):
    x = features(300, 120).astype("float32")
    exact = principal_components(x, 5)[1]
    import sys

    there = sys.modules["fgkeras.ops.principal_components"]
    monkeypatch.setattr(there, "_WHOLE", 100)
    found = principal_components(x, 5)[1]
    np.testing.assert_allclose(np.abs(exact.T @ found), np.eye(5), atol=1e-4)


@pytest.mark.parametrize(
    ("x", "dim"),
    [
        (np.ones(3), 1),
        (np.ones((0, 3)), 1),
        (np.ones((3, 2)), 0),
        (np.ones((3, 2)), 1.5),
        (np.array([[np.nan, 1.0]]), 1),
    ],
)
def test_refused(x, dim):
    with pytest.raises(ValueError, match="Received"):
        principal_components(x, dim)
