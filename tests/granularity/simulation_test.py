"""Two Gaussian classes: recorded means and deviations of 20 draws."""

import numpy as np
import pytest

from fgkeras.granularity import rankm
from fgkeras.granularity import resampled_interval
from fgkeras.granularity import rs
from fgkeras.granularity import simulated_granularity
from fgkeras.granularity import two_gaussians

# Mean and deviation over 20 draws of 2 x 1,000 points, measured separately.
TABLE = {
    0: ((1.0003, 0.0004), (1.0039, 0.0039), (0.4988, 0.0004), (0.4897, 0.0093)),
    2: ((0.7491, 0.0110), (0.7744, 0.0572), (0.2913, 0.0091), (0.1593, 0.0085)),
    5: ((0.3546, 0.0043), (0.2585, 0.0036), (0.0263, 0.0026), (0.0054, 0.0018)),
    10: ((0.1768, 0.0025), (0.1256, 0.0018), (0, 1e-4), (0, 1e-4)),
}


@pytest.mark.slow
def test_table():
    found = simulated_granularity(list(TABLE), num_repeats=3, seed=11)
    for i, row in enumerate(TABLE.values()):
        for values, (mean, deviation) in zip(found.values(), row, strict=True):
            # Three new draws against the mean of twenty.
            allowed = 4 * deviation * (1 / 3 + 1 / 20) ** 0.5 + 5e-5
            assert abs(values[i].mean() - mean) < allowed


def test_unknown_index():
    with pytest.raises(ValueError, match=r"\['RankX'\]"):
        simulated_granularity([1.0], indices=["RankX"])


@pytest.mark.parametrize(
    ("index", "deviation"), [(rankm, 0.0085), (rs, 0.0110)]
)
def test_resampled_interval_is_as_wide_as_the_spread(index, deviation):
    points, labels = two_gaussians(2.0, seed=3)
    low, high = resampled_interval(
        index, points, labels, metric="euclidean", num_resamples=40
    )
    assert 0.65 < (high - low) / (2 * 1.96 * deviation) < 1.5
    assert low < index(points, labels, metric="euclidean").value < high


def test_resamples_are_halves_of_each_class():
    points, labels = two_gaussians(3.0, 11)
    sizes = []

    def index(values, labels, metric):
        sizes.append((len(values), *np.bincount(labels)))
        return values.mean()

    resampled_interval(index, points, labels, num_resamples=30)
    assert sizes[0] == (22, 11, 11)
    assert {count for size in sizes[1:] for count in size[1:]} == {5, 6}


def test_resampled_interval_of_a_matrix_and_refusals():
    points, labels = two_gaussians(3.0, 40)
    matrix = np.linalg.norm(points[:, None] - points, axis=-1)
    one = resampled_interval(rankm, matrix, labels, metric="precomputed")
    two = resampled_interval(rankm, points, labels, metric="euclidean")
    np.testing.assert_allclose(one, two)
    with pytest.raises(ValueError, match="num_resamples=1"):
        resampled_interval(rankm, points, labels, num_resamples=1)
    with pytest.raises(ValueError, match="3 of class 0"):
        resampled_interval(rankm, points[37:], labels[37:])
