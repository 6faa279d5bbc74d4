"""The mean over blocks."""

import numpy as np
import pytest

from fgkeras.models.block_mean import BlockMean
from tests.harness import check_config


def test_holds_the_mean_of_the_last_full_block():
    mean = BlockMean(3, initial=7.0)
    numbers = np.random.default_rng(0).standard_normal(11)
    for i, x in enumerate(numbers):
        full = i // 3 * 3
        expected = numbers[full - 3 : full].mean() if full else 7.0
        np.testing.assert_allclose(float(mean.value), expected, rtol=1e-5)
        mean.update(x)


def test_leaves_out_what_is_not_finite():
    mean = BlockMean(2)
    for x in (1.0, np.nan, np.inf):
        mean.update(x)
        assert float(mean.value) == 1e6
    mean.update(2.0)
    assert float(mean.value) == 1.5


def test_config_and_error():
    check_config(BlockMean(5, initial=2.0))
    with pytest.raises(ValueError, match="block=0"):
        BlockMean(0)
