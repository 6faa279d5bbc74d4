import numpy as np
import pytest

from fgkeras.ops import class_mean_directions
from fgkeras.ops import nearest_class_means


def test_it_is_the_direction_of_the_mean_of_unit_vectors():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    found = class_mean_directions(x, labels, 4)
    for c in range(3):
        units = [v / np.sqrt(v @ v) for v in x[labels == c]]
        mean = sum(units) / len(units)
        np.testing.assert_allclose(found[c], mean / np.sqrt(mean @ mean))
    # A class without images, and vectors of any length.
    np.testing.assert_array_equal(found[3], 0)
    scaled = x * rng.uniform(0.1, 9, (30, 1))
    np.testing.assert_allclose(class_mean_directions(scaled, labels, 4), found)


def test_vectors_that_cancel_out_have_no_direction():
    found = class_mean_directions([[1, 0], [-1, 0], [0, 0]], [0, 0, 1], 2)
    np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[1.0]], [0, 0], "one row per label"),
        ([[np.nan]], [0], "finite"),
        ([[1.0]], [2], "2"),
    ],
)
def test_what_does_not_fit_is_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        class_mean_directions(x, y, 2)


def test_means_tell_an_image_without_itself():
    rng = np.random.default_rng(0)
    labels = np.array([5, 5, 5, 2, 2, 9, 9, 9, 9, 7])
    x = rng.normal(size=(10, 6)) + 0.8 * rng.normal(size=(10, 6))[labels % 5]
    right = 0
    for i in range(10):
        best, told = -2.0, None
        for name in np.unique(labels):
            own = [
                x[j] / np.linalg.norm(x[j])
                for j in range(10)
                if labels[j] == name and j != i
            ]
            if own:
                mean = np.mean(own, axis=0)
                near = mean @ x[i] / np.linalg.norm(mean) / np.linalg.norm(x[i])
                if near > best:
                    best, told = near, name
        right += told == labels[i]
    found = nearest_class_means(x, labels)
    assert (found == labels).sum() == right
    assert 0 < right < 10


def test_nearest_means_of_other_images():
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.arange(5000) % 7)
    x = rng.normal(size=(5000, 6)) + 0.6 * np.eye(7, 6)[labels]
    x *= rng.uniform(0.1, 10, (5000, 1))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    means = np.stack([unit[labels == k].mean(axis=0) for k in range(7)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    expected = (unit @ means.T).argmax(axis=1)
    np.testing.assert_array_equal(nearest_class_means(x, labels, x), expected)


def test_only_classes_with_images_answer():
    x = [[1, 0], [1, 0.1], [0, 1]]
    # All cosines are below 0, where a class without images has 0.
    found = nearest_class_means(x, [0, 0, 2], [[-1, -1]])
    assert found[0] in (0, 2)
    assert nearest_class_means([[1.0, 2.0]], [4]).tolist() == [-1]
    assert nearest_class_means(x, [0, 0, 2]).tolist() == [0, 0, 0]


def test_a_class_whose_vectors_cancel_out_does_not_answer():
    x = [[1, 0], [-1, 0], [0, 1]]
    # Its cosine of 0 would be above the -1 of the other class.
    assert nearest_class_means(x, [0, 0, 1], [[0, -1]]).tolist() == [1]
