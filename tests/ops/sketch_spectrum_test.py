"""Spectra with and without lists of members against the dense matrix."""

import numpy as np
import pytest
from keras import ops

from fgkeras.ops import hash_tables
from fgkeras.ops import sketch_transform
from fgkeras.ops.sketch_spectrum import row_members
from fgkeras.ops.sketch_spectrum import sketch_spectrum
from tests import harness


def test_members_lists_every_channel_in_its_row():
    group = sketch_transform("hadamard", 32)
    buckets, _ = hash_tables(3, 9, 32)
    members = row_members(group, buckets)
    assert members.shape[:2] == (3, group.rows)
    for table, lists in zip(buckets, members, strict=True):
        for row, channels in enumerate(lists):
            expected = np.flatnonzero(table // group.columns == row)
            assert channels[channels >= 0].tolist() == expected.tolist()


def test_no_members_where_rows_are_full_or_spectra_are_complex():
    buckets, _ = hash_tables(2, 200, 32)
    assert row_members(sketch_transform("hadamard", 32), buckets) is None
    assert row_members(sketch_transform("fourier", 32), buckets) is None


@pytest.mark.parametrize("sketch_dim", [32, 64])
@pytest.mark.parametrize("name", ["fourier", "hadamard"])
def test_sketch_is_the_transform_of_the_count_sketch(name, sketch_dim):
    group = sketch_transform(name, sketch_dim)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((9, 4))
    buckets, signs = hash_tables(1, 9, sketch_dim)
    table = buckets[0], signs[0]
    members = row_members(group, buckets)
    lists = [None] if members is None else [None, members[0]]
    assert len(lists) == (2 if name == "hadamard" else 1)
    matrix = np.zeros((sketch_dim, 9))
    matrix[buckets[0], np.arange(9)] = signs[0]
    with harness.float64():
        expected = group.forward(matrix @ x)
        spectrum = tuple(rng.standard_normal(a.shape) for a in expected)
        back = matrix.T @ harness.to_numpy(group.adjoint(spectrum))
        for members in lists:
            sketch = sketch_spectrum(group, *table, members)
            actual = sketch.forward(ops.convert_to_tensor(x))
            for a, b in zip(actual, expected, strict=True):
                np.testing.assert_allclose(
                    harness.to_numpy(a), harness.to_numpy(b), atol=1e-12
                )
            np.testing.assert_allclose(
                harness.to_numpy(sketch.adjoint(spectrum)),
                back,
                atol=1e-12,
            )
