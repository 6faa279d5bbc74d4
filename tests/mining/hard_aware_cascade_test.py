"""Tests for fgkeras.mining.hard_aware_cascade."""

import math

import numpy as np
import pytest

from fgkeras.mining import hard_aware_cascade
from fgkeras.mining import hardest_pairs
from tests.mining.cases import random_case


def test_each_stage_passes_its_hardest():
    labels, d0 = random_case(7)
    _, d1 = random_case(8)
    rng = np.random.default_rng(0)
    # No two pairs alike, mirror images neither.
    d0 = d0 + rng.random(d0.shape, "float32")
    d1 = d1 + rng.random(d1.shape, "float32")
    stages = hard_aware_cascade(labels, [d0, d1, d1], fraction=[0.5, 0.3])
    same = labels[:, None] == labels
    pairs = [
        {tuple(t) for t in np.argwhere(m).tolist()}
        for m in (same & ~np.eye(len(labels), dtype=bool), ~same)
    ]
    for k, d in enumerate([d0, d1, None]):
        for kind in (0, 1):
            found = np.argwhere(np.asarray(stages[k][kind])).tolist()
            assert {tuple(t) for t in found} == pairs[kind]
            if d is not None:
                number = math.ceil((0.5, 0.3)[k] * len(pairs[kind]))
                ordered = sorted(pairs[kind], key=lambda t: d[t])
                hardest = ordered[-number:] if kind == 0 else ordered[:number]
                pairs[kind] = set(hardest)


def test_mirror_images_stay_together():
    labels, d = random_case(9)
    positives, negatives = map(
        np.asarray, hard_aware_cascade(labels, [d, d])[1]
    )
    np.testing.assert_array_equal(positives, positives.T)
    np.testing.assert_array_equal(negatives, negatives.T)


def test_nothing_to_pass():
    none = np.zeros((3, 3), bool)
    for mask in hardest_pairs(np.ones((3, 3), "float32"), none, none):
        assert not np.asarray(mask).any()


@pytest.mark.parametrize("stages", [0, 2])
def test_number_of_stages(stages):
    d = [np.ones((2, 2), "float32")] * stages
    with pytest.raises(ValueError, match="Received"):
        hard_aware_cascade(np.array([0, 0]), d, fraction=[0.5, 0.5])


def test_range():
    with pytest.raises(ValueError, match="fraction=0.0"):
        hardest_pairs(np.ones((2, 2)), None, None, fraction=0.0)
