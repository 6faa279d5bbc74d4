"""Tests for fgkeras.ops.class_weights."""

from fractions import Fraction

import numpy as np
import pytest

from fgkeras.ops import class_balanced_weights
from fgkeras.ops import class_weights

COUNTS = [900, 25, 4]


def test_inverse_frequency():
    rest = [Fraction(1, n) for n in COUNTS]
    expected = [float(3 * r / sum(rest)) for r in rest]
    found = class_weights(COUNTS, weighting="inverse")
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_inverse_square_root_of_frequency():
    # The roots are 30, 5 and 2; their inverses 1, 6 and 15 thirtieths.
    found = class_weights(COUNTS, weighting="inverse-sqrt")
    np.testing.assert_allclose(found, np.array([1, 6, 15]) * 3 / 22)


def test_effective_number_and_its_limits():
    found = class_weights(COUNTS, beta=0.99)
    np.testing.assert_array_equal(found, class_balanced_weights(COUNTS, 0.99))
    np.testing.assert_array_equal(class_weights(COUNTS, beta=0.0), 1.0)
    np.testing.assert_allclose(
        class_weights(COUNTS, beta=1.0),
        class_weights(COUNTS, weighting="inverse"),
        rtol=1e-14,
    )
    np.testing.assert_array_equal(class_weights(COUNTS, weighting="none"), 1.0)


@pytest.mark.parametrize("kind", ["effective", "inverse", "inverse-sqrt"])
def test_equal_counts_weigh_one(kind):
    found = class_weights([7, 7, 7, 7], weighting=kind)
    np.testing.assert_allclose(found, 1.0, rtol=1e-15)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"weighting": "frequency"}, "weighting='frequency'"),
        ({"weighting": "inverse", "beta": 0.9}, "beta=0.9 with weighting='inv"),
        ({"counts": [3, 0], "weighting": "none"}, "counts=0 for labels 1"),
        ({"counts": [3, 0], "class_names": ["a", "owl"]}, "owl"),
        ({"counts": [3, 1.5], "weighting": "inverse"}, r"counts\[1\]=1.5"),
        ({"beta": [0.9, 0.9]}, r"of shape \(2,\) .*shape \(3,\)"),
        ({"beta": [0.9, 0.9, 1.1]}, r"beta\[2\]=1.1"),
        ({"beta": "0.9"}, "beta='0.9'"),
    ],
)
def test_errors(kwargs, message):
    with pytest.raises(ValueError, match=message):
        class_weights(**{"counts": COUNTS, **kwargs})
