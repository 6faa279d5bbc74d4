"""Tests for fgkeras.ops.class_counts."""

import numpy as np
import pytest

from fgkeras.ops import effective_number
from fgkeras.ops.class_counts import whole_counts


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32"])
def test_whole_numbers_pass(dtype):
    found = whole_counts("counts", np.array([3, 0], dtype))
    assert found.dtype == np.int64
    assert found.tolist() == [3, 0]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2.5], r"Received: counts\[1\]=2.5"),
        ([1, np.nan], r"Received: counts\[1\]=nan"),
        ([1, np.inf], r"Received: counts\[1\]=inf"),
        ([1, -1], r"Received: counts\[1\]=-1"),
        (["1"], "counts of dtype <U1"),
        ([True], "counts of dtype bool"),
        ([[1]], r"shape \(1, 1\)"),
        ([], r"shape \(0,\)"),
    ],
)
def test_what_is_no_count(counts, message):
    with pytest.raises(ValueError, match=message):
        whole_counts("counts", counts)


def test_effective_number_keeps_fractions():
    assert effective_number([0.5, 2.5], 1.0).tolist() == [0.5, 2.5]
    with pytest.raises(ValueError, match="counts of dtype <U1"):
        effective_number(["a"], 0.9)
