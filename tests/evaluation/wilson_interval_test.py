"""Wilson's interval against the equation that its ends solve."""

import math
import statistics

import numpy as np
import pytest

from fgkeras.evaluation import wilson_interval


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_the_ends_are_z_standard_errors_away(level):
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    for n in (1, 2, 7, 40):
        low, high = wilson_interval(range(n + 1), [n] * (n + 1), level=level)
        for k in range(n + 1):
            for end in (low[k], high[k]):
                far = z * math.sqrt(end * (1 - end) / n)
                assert abs(k / n - end) == pytest.approx(far, abs=1e-9)
            assert 0 <= low[k] <= k / n <= high[k] <= 1
    assert low[0] == 0
    assert high[-1] == 1


def test_no_images_and_what_cannot_be():
    assert np.isnan(wilson_interval([0], [0])).all()
    with pytest.raises(ValueError, match=r"correct=\[3\]"):
        wilson_interval([3], [2])
    with pytest.raises(ValueError, match="level=1"):
        wilson_interval([1], [2], level=1)
