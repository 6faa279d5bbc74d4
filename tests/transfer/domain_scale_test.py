"""Numbers of images by their logarithm."""

import math

import numpy as np
import pytest

from fgkeras.transfer import domain_scale


def test_it_is_the_ratio_of_logarithms():
    assert domain_scale(8, 2) == pytest.approx(3.0)
    assert domain_scale(1000, 1000) == 1.0
    found = domain_scale([10, 100, 1e6], 1e6)
    np.testing.assert_allclose(found, [1 / 6, 1 / 3, 1.0])
    # Whichever the basis of the logarithm.
    assert domain_scale(500, 70) == pytest.approx(
        math.log10(500) / math.log10(70)
    )


@pytest.mark.parametrize(
    ("number", "reference"),
    [(1, 10), (0, 10), (math.nan, 10), (10, 1), ([2, 1], 10), (math.inf, 9)],
)
def test_what_has_no_logarithm_above_0_is_refused(number, reference):
    with pytest.raises(ValueError, match="must be above 1.*Received"):
        domain_scale(number, reference)
