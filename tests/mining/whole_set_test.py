"""Tests for fgkeras.mining.whole_set."""

import numpy as np
import pytest

from fgkeras.mining.whole_set import whole_set


def test_float32_rows():
    found = whole_set(np.arange(2), [[1, 2, 3], [4, 5, 6]])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize("shape", [(2,), (3, 4), (2, 4, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(2,\) and .*Labels come first"):
        whole_set(np.arange(2), np.ones(shape))
