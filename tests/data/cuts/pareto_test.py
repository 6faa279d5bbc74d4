import numpy as np
import pytest

from fgkeras.data.cuts.pareto import pareto_counts


@pytest.mark.parametrize("alpha", [0.7, 2.0, 6.0])
def test_pareto_counts_meet_both_ends_and_the_power(alpha):
    counts = pareto_counts(1000, 10**9, alpha=alpha, min_count=10**5)
    assert counts[0] == 10**9
    assert counts[-1] == 10**5
    # n ** (-1 / (alpha + 1)) of a Lomax density is a straight line.
    line = counts.astype("float64") ** (-1 / (alpha + 1))
    np.testing.assert_allclose(np.diff(line), np.diff(line)[0], rtol=1e-2)


def test_pareto_counts_without_a_smallest_class():
    counts = pareto_counts(3, 2**14, alpha=6.0)
    assert counts.tolist() == [2**14, int(2**14 / 1.5**7), 2**7]


@pytest.mark.parametrize("options", [{"alpha": 0}, {"min_count": 6}])
def test_errors_name_the_value(options):
    (message,) = (f"{name}={value}" for name, value in options.items())
    with pytest.raises(ValueError, match=message):
        pareto_counts(3, 5, **options)
