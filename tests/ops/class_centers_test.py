"""K-means per class: separate clusters are found, odd classes are served."""

import numpy as np
import pytest

from fgkeras.ops.class_centers import class_centers


def test_separate_clusters_are_found_in_each_class():
    rng = np.random.default_rng(0)
    truth = 20.0 * rng.standard_normal((4, 3, 2))
    labels = np.repeat(np.arange(4), 30)
    which = np.tile(np.arange(3), 40)
    x = truth[labels, which] + 0.01 * rng.standard_normal((120, 2))
    order = rng.permutation(120)
    out = class_centers(x[order], labels[order], np.zeros((4, 3, 2)), seed=1)
    for c in range(4):
        gap = np.linalg.norm(out[c][:, None] - truth[c][None], axis=2)
        assert gap.min(axis=0).max() < 0.02


def test_no_centre_improves_by_moving():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((50, 3))
    out = class_centers(x, np.zeros(50, int), np.zeros((1, 4, 3)))[0]
    nearest = np.linalg.norm(x[:, None] - out[None], axis=2).argmin(1)
    for j in range(4):
        np.testing.assert_allclose(out[j], x[nearest == j].mean(0))


def test_few_images_none_and_unlabelled():
    start = np.full((3, 2, 1), 7.0, "float32")
    x = np.array([[1.0], [1.0], [99.0]])
    out = class_centers(x, np.array([0, 0, -1]), start)
    assert out.dtype == np.float32
    assert out[..., 0].tolist() == [[1, 1], [7, 7], [7, 7]]
    assert start[0, 0, 0] == 7.0


def test_the_seed_decides():
    x = np.random.default_rng(2).standard_normal((40, 2))
    y, start = np.arange(40) % 2, np.zeros((2, 5, 2))
    first = class_centers(x, y, start, seed=3)
    np.testing.assert_array_equal(class_centers(x, y, start, seed=3), first)
    assert (class_centers(x, y, start, seed=4) != first).any()


def test_errors():
    with pytest.raises(ValueError, match="2 labels"):
        class_centers(np.zeros((3, 1)), np.zeros(2, int), np.zeros((2, 1, 1)))
    with pytest.raises(ValueError, match=r"labels\[1\]=5"):
        class_centers(np.zeros((2, 1)), np.array([0, 5]), np.zeros((2, 1, 1)))
