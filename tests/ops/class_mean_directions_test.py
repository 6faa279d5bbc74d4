import numpy as np
import pytest

from fgkeras.ops import class_mean_directions


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
