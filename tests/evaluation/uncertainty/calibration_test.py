import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from fgkeras.evaluation import expected_calibration_error
from fgkeras.evaluation import reliability_table

generator = np.random.default_rng(2)
CONFIDENCE = generator.uniform(0.2, 1.0, 500)
CORRECT = generator.random(500) < CONFIDENCE**2


@pytest.mark.parametrize("num_bins", [1, 10, 15])
def test_error_agrees_with_the_definition(num_bins):
    gap = 0.0
    for b in range(num_bins):
        inside = [
            i
            for i in range(500)
            if b / num_bins < CONFIDENCE[i] <= (b + 1) / num_bins
        ]
        if inside:
            right = sum(bool(CORRECT[i]) for i in inside)
            gap += abs(right - sum(CONFIDENCE[i] for i in inside)) / 500
    assert expected_calibration_error(
        CORRECT, CONFIDENCE, num_bins=num_bins
    ) == pytest.approx(gap)


def test_table_agrees_with_scikit_learn():
    rows = [row for row in reliability_table(CORRECT, CONFIDENCE) if row["n"]]
    accuracy, confidence = calibration_curve(CORRECT, CONFIDENCE, n_bins=15)
    np.testing.assert_allclose([r["accuracy"] for r in rows], accuracy)
    np.testing.assert_allclose([r["confidence"] for r in rows], confidence)
    assert sum(row["n"] for row in rows) == 500


def test_a_border_belongs_to_the_lower_bin():
    table = reliability_table([1, 1, 1], [0.0, 0.5, 1.0], num_bins=2)
    assert [row["n"] for row in table] == [2, 1]


def test_an_empty_bin_has_no_numbers():
    row = reliability_table([True], [0.9], num_bins=2)[0]
    assert (row["n"], row["confidence"], row["accuracy"]) == (0, None, None)


def test_no_images():
    assert np.isnan(expected_calibration_error([], []))


def test_refuses_logits():
    with pytest.raises(ValueError, match="from 0.5 to 3.0"):
        reliability_table([True, False], [0.5, 3.0])


def test_refuses_shapes_that_differ():
    with pytest.raises(ValueError, match=r"correct.shape=\(1,\)"):
        reliability_table([True], [0.5, 0.6])


def test_refuses_swapped_arguments():
    with pytest.raises(ValueError, match="correct with 0.9. It comes first"):
        expected_calibration_error([0.9, 1.0], [True, False])
