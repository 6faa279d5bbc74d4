"""A Gram sketch of one vector is the sketch of its outer product."""

import numpy as np

from fgkeras.ops import gram_sketch
from fgkeras.ops import hash_tables
from tests import harness
from tests.ops.tensor_sketch_test import reference_sketch


def test_of_one_location_is_the_tensor_sketch():
    x = np.random.default_rng(0).standard_normal(5)
    tables = hash_tables(2, 5, 8)
    for transform in ("fourier", "hadamard"):
        with harness.float64():
            y = gram_sketch(x[None, None], *tables, 8, transform=transform)
        np.testing.assert_allclose(
            harness.to_numpy(y)[0],
            reference_sketch(x, *tables, 8, transform),
            rtol=1e-12,
            atol=1e-12,
        )
