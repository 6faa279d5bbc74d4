"""Spectra with and without lists of channels against the dense matrix."""

import numpy as np
import pytest
from keras import ops

from fgkeras.ops import hash_tables
from fgkeras.ops import sketch_transform
from fgkeras.ops.sketches.sketch_spectrum import room_of_rows
from fgkeras.ops.sketches.sketch_spectrum import sketch_spectra
from tests import harness


def test_room_is_the_fullest_row():
    group = sketch_transform("hadamard", 64)
    buckets, _ = hash_tables(3, 9, 64)
    fullest = max(
        (table // group.columns == row).sum()
        for table in buckets
        for row in range(group.rows)
    )
    assert room_of_rows(group, buckets) == fullest


def test_no_room_where_rows_are_full_or_spectra_are_complex():
    buckets, _ = hash_tables(2, 200, 32)
    assert room_of_rows(sketch_transform("hadamard", 32), buckets) is None
    assert room_of_rows(sketch_transform("fourier", 32), buckets) is None
    tables = ops.convert_to_tensor(buckets), np.ones((2, 200))
    with pytest.raises(ValueError, match="room=3"):
        sketch_spectra(sketch_transform("fourier", 32), *tables, room=3)


@pytest.mark.parametrize("room", [None, 1, 2, 5])
@pytest.mark.parametrize("sketch_dim", [32, 64])
@pytest.mark.parametrize("name", ["fourier", "fft", "hadamard"])
def test_is_the_transform_of_the_count_sketch(name, sketch_dim, room):
    if name != "hadamard" and room is not None:
        pytest.skip("lists are for real spectra")
    group = sketch_transform(name, sketch_dim)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((9, 4))
    buckets, signs = hash_tables(2, 9, sketch_dim)
    with harness.float64():
        sketches = sketch_spectra(
            group,
            ops.convert_to_tensor(buckets),
            ops.convert_to_tensor(signs.astype("float64")),
            room,
        )
        for table, sketch in enumerate(sketches):
            matrix = np.zeros((sketch_dim, 9))
            matrix[buckets[table], np.arange(9)] = signs[table]
            expected = group.forward(matrix @ x)
            for a, b in zip(
                sketch.forward(ops.convert_to_tensor(x)), expected, strict=True
            ):
                np.testing.assert_allclose(
                    harness.to_numpy(a), harness.to_numpy(b), atol=1e-12
                )
            spectrum = tuple(
                ops.convert_to_tensor(rng.standard_normal(a.shape))
                for a in expected
            )
            np.testing.assert_allclose(
                harness.to_numpy(sketch.adjoint(spectrum)),
                matrix.T @ harness.to_numpy(group.back(spectrum)),
                atol=1e-12,
            )
