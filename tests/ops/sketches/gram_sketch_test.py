"""A Gram sketch of one vector is the sketch of its outer product."""

import numpy as np
import pytest

from fgkeras.ops import gram_sketch
from fgkeras.ops import hash_tables
from fgkeras.ops.sketches.pooled_tensor_sketches import gram_is_cheaper
from tests import harness
from tests.ops.sketches.tensor_sketch_test import reference_sketch


def test_of_one_location_is_the_tensor_sketch():
    x = np.random.default_rng(0).standard_normal(5)
    tables = hash_tables(2, 5, 8)
    for transform in ("fourier", "fft", "hadamard"):
        with harness.float64():
            y = gram_sketch(x[None, None], *tables, 8, transform=transform)
        np.testing.assert_allclose(
            harness.to_numpy(y)[0],
            reference_sketch(x, *tables, 8, transform),
            rtol=1e-12,
            atol=1e-12,
        )


@pytest.mark.parametrize(
    ("batch", "locations", "channels", "dim", "cheaper"),
    [
        # Where one way took at least 1.5 times the other's milliseconds.
        (2, 784, 512, 4096, ("hadamard", "fourier", "fft")),
        (2, 784, 512, 8192, ("hadamard", "fourier", "fft")),
        (2, 784, 1280, 4096, ()),
        (2, 784, 1280, 8192, ("fourier", "fft")),
        (2, 784, 2048, 8192, ()),
        (8, 196, 512, 4096, ("hadamard", "fourier", "fft")),
        (8, 196, 1280, 4096, ()),
        (8, 196, 2048, 8192, ()),
        (32, 196, 512, 4096, ("hadamard", "fourier", "fft")),
    ],
)
def test_the_rule_takes_the_faster_way(
    batch, locations, channels, dim, cheaper
):
    shape = (batch, locations, channels)
    for transform in ("hadamard", "fourier", "fft"):
        found = gram_is_cheaper(shape, dim, transform)
        assert found == (transform in cheaper), transform


def test_rule_without_known_sizes():
    assert gram_is_cheaper((None, 196, 512), 4096)
    assert not gram_is_cheaper((None, None, 512), 4096)
