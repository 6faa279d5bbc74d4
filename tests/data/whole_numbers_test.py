"""Tests for fgkeras.data.whole_numbers."""

import numpy as np
import pytest

from fgkeras.data.batches.arrays import batches
from fgkeras.data.batches.samplers import make_sampler
from fgkeras.data.cuts.cap import cap_counts
from fgkeras.data.cuts.long_tail import long_tail_cut
from fgkeras.data.whole_numbers import whole_numbers


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_whole_numbers_pass(dtype):
    found = whole_numbers("labels", np.array([[3, 0]], dtype))
    assert found.dtype == np.int64
    assert found.tolist() == [[3, 0]]
    assert whole_numbers("labels", []).tolist() == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 1.5], r"labels\[1\]=1.5"),
        ([0, np.nan], r"labels\[1\]=nan"),
        ([[0, np.inf]], r"labels\[0, 1\]=inf"),
        (np.float32([2**24]), r"labels\[0\]=16777216"),
        (np.float16([2049]), "dtype float16"),
        ([True, False], "dtype bool"),
        (["a", "b"], "dtype <U1"),
        (np.uint64([2**63]), "dtype uint64"),
    ],
)
def test_what_is_no_whole_number(values, message):
    with pytest.raises(ValueError, match=message):
        whole_numbers("labels", values)


def test_where_they_enter():
    sampler = make_sampler("uniform", [0, 1], 1)
    for use in (
        lambda x: make_sampler("pk", x, 2, images_per_class=1),
        lambda x: long_tail_cut(x, [1, 1], 0),
        lambda x: long_tail_cut([0, 1], x, 0),
        lambda x: cap_counts(x, 5),
        lambda x: next(batches(np.zeros((2, 1)), x, sampler)),
    ):
        with pytest.raises(ValueError, match=r"\[1\]=1.5"):
            use([1, 1.5])
