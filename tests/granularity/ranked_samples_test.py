"""Samples at both ends of RankM, against the definition in loops."""

import numpy as np
import pytest

from fgkeras.granularity import ranked_samples
from fgkeras.granularity import rankm
from fgkeras.granularity import rsm


def example(n=80, k=7):
    rng = np.random.default_rng(1)
    labels = np.append(rng.integers(0, k, n), k)  # and a class of one
    x = 1.5 * rng.normal(size=(k + 1, 5))[labels] + rng.normal(size=(n + 1, 5))
    return x, labels, rankm(x, labels, metric="euclidean")


def places(x, labels, medoids):
    """R_i of each image, in loops."""
    out = []
    for i, own in enumerate(labels):
        away = [np.linalg.norm(x[i] - x[m]) for m in medoids]
        out.append(sum(d <= away[own] for d in away))
    return out


def test_the_ends_are_those_of_the_definition():
    x, labels, found = example()
    expected = places(x, labels, found.medoids)
    medoids = set(found.medoids.tolist())
    ends = ranked_samples(found, 99)
    for name, best in (("hardest", max), ("easiest", min)):
        rows = ends[name]
        assert len(rows) == 7  # one of each class, none of that of one
        assert len({row["class"] for row in rows}) == 7
        ranks = [row["rank"] for row in rows]
        assert ranks == sorted(ranks, reverse=name == "hardest")
        for row in rows:
            i, own = row["image"], row["class"]
            assert labels[i] == own
            assert i not in medoids
            others = [
                expected[j]
                for j in range(len(x))
                if labels[j] == own and j not in medoids
            ]
            assert row["rank"] == expected[i] == best(others)
            assert row["medoid"] == found.medoids[own]
            away = {
                c: np.linalg.norm(x[i] - x[m])
                for c, m in enumerate(found.medoids)
                if c != own
            }
            assert row["rival"] == min(away, key=away.get)
            assert row["rival_medoid"] == found.medoids[row["rival"]]


def test_equals_are_drawn_by_lot_and_few_are_the_most_extreme():
    *_, found = example()
    every = ranked_samples(found, 99)
    assert ranked_samples(found, 2)["hardest"] == every["hardest"][:2]
    assert ranked_samples(found, 0)["easiest"] == []
    easy = {
        ranked_samples(found, 1, seed=seed)["easiest"][0]["image"]
        for seed in range(12)
    }
    assert len(easy) > 3


def test_of_another_index_there_are_no_places():
    x, labels, _ = example()
    with pytest.raises(ValueError, match="RSM"):
        ranked_samples(rsm(x, labels))
