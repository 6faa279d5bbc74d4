"""A Gram sketch of one vector is the sketch of its outer product."""

import json
import pathlib

import numpy as np
import pytest

from fgkeras.ops import gram_sketch
from fgkeras.ops import hash_tables
from fgkeras.ops.pooled_tensor_sketches import gram_is_cheaper
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


@pytest.mark.parametrize("transform", ["hadamard", "fourier"])
def test_the_rule_takes_the_faster_way_of_the_measured_shapes(transform):
    path = pathlib.Path(__file__).parents[2] / "experiments" / "benchmarks"
    result = json.loads((path / "kernel_pooling.json").read_text("utf-8"))
    taken = set()
    for key, row in result["milliseconds"]["graph"].items():
        shape = dict(part.split("=") for part in key.split())
        if shape["p"] != "2":
            continue
        locations = int(shape["side"]) ** 2
        batch = int(shape.get("images", 1568 // locations))
        gram = gram_is_cheaper(
            (batch, locations, int(shape["c"])), int(shape["d"]), transform
        )
        chosen = row["gram" if gram else transform]
        assert chosen <= 1.15 * min(row["gram"], row[transform]), key
        taken.add(gram)
    assert taken == {True, False}


def test_the_rule_without_known_sizes():
    assert gram_is_cheaper((None, 196, 512), 4096)
    assert not gram_is_cheaper((None, None, 512), 4096)
