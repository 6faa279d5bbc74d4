"""Tests for fgkeras.data.cuts.relabel."""

import numpy as np
import pytest

from fgkeras.data.cuts.relabel import coarse_to_fine
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split

BIRDS = ["coot", "crow", "heron", "egret", "rook", "jay"]
FAMILY = ["rails", "crows", "herons", "herons", "crows", "crows"]
ORDER = ["cranes", "singers", "pelicans", "pelicans", "singers", "singers"]
DIET = ["mixed", "mixed", "fish", "fish", "seeds", "mixed"]


@pytest.fixture
def source():
    labels = np.array([5, 0, 1, 2, 3, 4, -1])
    splits = {
        "train": Split(tuple("abcdefg"), labels),
        "test": Split(("h", "i"), np.array([3, 3])),
    }
    hierarchy = {"family": FAMILY, "order": ORDER, "diet": DIET}
    return Source("x:", BIRDS, splits, hierarchy)


def test_labels_are_the_parents(source):
    families = relabel(source, "family")
    assert families.class_names == ("crows", "herons", "rails")
    train = families.split("train")
    assert train.ids == tuple("abcdefg")
    assert train.labels.tolist() == [0, 2, 0, 1, 1, 0, -1]
    assert train.labels.dtype == np.int64
    assert families.split("test").labels.tolist() == [1, 1]
    # What differs within a family is no parent of families.
    assert families.hierarchy == {
        "family": ("crows", "herons", "rails"),
        "order": ("singers", "pelicans", "cranes"),
    }
    orders = relabel(families, "order")
    assert orders.class_names == ("cranes", "pelicans", "singers")
    direct = relabel(source, "order").split("train").labels
    np.testing.assert_array_equal(orders.split("train").labels, direct)
    assert source.class_names == tuple(BIRDS)


def test_kept_parents_keep_their_classes(source):
    mixed = relabel(source, "family", keep=["herons"])
    assert mixed.class_names == ("crows", "egret", "heron", "rails")
    assert mixed.split("train").labels.tolist() == [0, 3, 0, 2, 1, 0, -1]
    whole = relabel(source, "family", keep=set(FAMILY))
    assert whole.class_names == tuple(sorted(BIRDS))


def test_coarse_to_fine(source):
    steps = list(coarse_to_fine(source, "family", seed=1))
    counts = [step.num_classes for step in steps]
    assert counts[0] == 3
    assert counts[-1] == 6
    assert counts == sorted(set(counts))
    again = [s.class_names for s in coarse_to_fine(source, "family", seed=1)]
    assert again == [s.class_names for s in steps]
    orders = {
        next(iter(set(s.class_names) - {"crows", "herons", "rails"}), None)
        for seed in range(8)
        for s in list(coarse_to_fine(source, "family", seed=seed))[1:2]
    }
    assert len(orders) == 2


def test_refusals(source):
    with pytest.raises(ValueError, match="column='genus'; x: has diet, fam"):
        relabel(source, "genus")
    with pytest.raises(ValueError, match=r"\['owls'\]"):
        relabel(source, "family", keep=["owls"])
    twin = Source("y:", ["a", "b"], {}, {"up": ["b", "c"]})
    with pytest.raises(ValueError, match="none, add a classes"):
        relabel(Source("y:", ["a", "b"], {}), "up")
    assert relabel(twin, "up").class_names == ("b", "c")
    twin = Source("y:", ["a", "b"], {}, {"up": ["b", "x"]})
    with pytest.raises(ValueError, match=r"\['b'\]"):
        relabel(twin, "up", keep=["x"])
