"""Hyperparameters of every miner: by name only, checked before the data is."""

import inspect
import re

import numpy as np
import pytest

from fgkeras import mining

MINERS = {
    name: getattr(mining, name) for name in mining.__all__ if name[0].islower()
}
LABELS = np.array([0, 0, 1], "int32")
ROWS = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], "float32")
DISTANCES = np.linalg.norm(ROWS[:, None] - ROWS, axis=-1)
PAIRS = LABELS[:, None] == LABELS

# What each takes before its hyperparameters.
GIVEN = {
    "distance_weights": (LABELS, DISTANCES, 2),
    "draw_negatives": (DISTANCES, 0),
    "hard_aware_cascade": (LABELS, [DISTANCES, DISTANCES]),
    "hardest_pairs": (DISTANCES, PAIRS, ~PAIRS),
    "nearest_positives": (LABELS, ROWS, [0]),
    "quasi_online_triplets": (LABELS, ROWS, 2),
    "rejected_negatives": (LABELS, ROWS, [0], [1]),
    "violating_negatives": (LABELS, ROWS, [0], [1]),
}
FRACTION = (0, -0.5, 1.1)
OUTSIDE = {
    "distance_weights": {"cutoff": (0, 2.0), "limit": (0, 3)},
    "hard_aware_cascade": {"fraction": FRACTION},
    "hardest_pairs": {"fraction": FRACTION},
    "local_positives": {"fraction": FRACTION},
    "multi_similarity_pairs": {"epsilon": (-0.1,)},
    "nearest_positives": {"fraction": FRACTION, "block": (0, 1.5)},
    "quasi_online_triplets": {
        "margin": (),
        "nearest": FRACTION,
        "block": (0, 1.5),
    },
    "rejected_negatives": {"margin": (), "block": (0, 1.5)},
    "semi_hard_band": {"margin": (0.0, -1)},
    "violating_counts": {"margin": ()},
    "violating_negatives": {"margin": (), "block": (0, 1.5)},
    "violating_triplets": {"margin": ()},
}
# Any image of another class violates an infinite margin.
INFINITE = (
    "quasi_online_triplets",
    "rejected_negatives",
    "violating_negatives",
)
# Seeds, which NumPy checks.
SEEDS = ("seed", "rng")

by_miner = pytest.mark.parametrize("name", MINERS)


def call(name, **chosen):
    return MINERS[name](*GIVEN.get(name, (LABELS, DISTANCES)), **chosen)


def refused(name, value):
    start = f"`{name}` must be .*Received: {name}={re.escape(repr(value))}"
    return pytest.raises(ValueError, match=start)


@by_miner
def test_hyperparameters_come_by_name(name):
    found = inspect.signature(MINERS[name]).parameters.values()
    by_place = [p for p in found if p.kind != p.KEYWORD_ONLY]
    assert all(p.default is p.empty for p in by_place)
    assert len(by_place) == len(GIVEN.get(name, "xy"))
    if "labels" in (p.name for p in found):
        assert by_place[0].name == "labels"


def test_every_number_has_its_range():
    for name, miner in MINERS.items():
        numbers = {
            key
            for key, p in inspect.signature(miner).parameters.items()
            if type(p.default) in (int, float) and key not in SEEDS
        }
        assert numbers == set(OUTSIDE.get(name, ())), name


@pytest.mark.parametrize("name", OUTSIDE)
def test_wrong_number_is_refused(name):
    for key, outside in OUTSIDE[name].items():
        infinite = () if name in INFINITE else (float("inf"),)
        for value in (None, "0.5", float("nan"), True, *infinite, *outside):
            if name == "hard_aware_cascade" and value in (None, "0.5"):
                continue  # Refused below: it may be a sequence.
            with refused(key, value):
                call(name, **{key: value})


def test_wrong_fractions_of_a_cascade_are_refused():
    for value in (None, "0.5", [0.5, 0.5], [None], ["a"]):
        with pytest.raises(ValueError, match="`fraction` must be"):
            call("hard_aware_cascade", fraction=value)
    assert len(call("hard_aware_cascade", fraction=np.array([0.5]))) == 2


def test_other_wrong_values_are_refused():
    with refused("semi_hard", 1):
        call("violating_counts", semi_hard=1)
    with refused("margin", -0.1):
        call("violating_counts", semi_hard=True, margin=-0.1)
    for value in (None, "violating negatives", 1):
        with refused("negatives", value):
            call("quasi_online_triplets", negatives=value)
        with refused("rejected", value):
            call("quasi_online_triplets", rejected=value)
        with refused("which", value):
            call("violating_negatives", which=value)
    for value in (0, 1.5, None):
        with refused("num_triplets", value):
            mining.quasi_online_triplets(LABELS, ROWS, value)
    for value in (1, 2.5, None):
        with refused("dim", value):
            mining.distance_weights(LABELS, DISTANCES, value)
    for value in (0, 1.5, None, "4"):
        with refused("size", value):
            mining.CrossBatchMemory(value)


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, f in MINERS.items()
        if "labels" in inspect.signature(f).parameters
    ],
)
def test_swapped_labels_and_rows_are_refused(name):
    labels, rows, *rest = GIVEN.get(name, (LABELS, DISTANCES))
    with pytest.raises(ValueError, match="Labels must be .* swap two"):
        MINERS[name](rows, labels, *rest)


def test_swapped_rows_of_a_memory_are_refused():
    with pytest.raises(ValueError, match="Labels must be .* swap two"):
        mining.CrossBatchMemory(4)(ROWS, LABELS)
