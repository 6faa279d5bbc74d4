import itertools
import json

import numpy as np
import pytest
from sklearn import metrics

from fgkeras.evaluation import clustering_scores


def random_labels(seed, n=200, a=12, b=15):
    generator = np.random.default_rng(seed)
    y = generator.integers(0, a, n)
    noise = generator.integers(0, b, n)
    return y, np.where(generator.random(n) < 0.5, y, noise)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_scikit_learn(seed):
    y, c = random_labels(seed, n=(60, 200, 500, 9)[seed])
    scores = clustering_scores(y, c)
    assert scores["nmi"] == pytest.approx(
        metrics.normalized_mutual_info_score(y, c)
    )
    assert scores["ami"] == pytest.approx(
        metrics.adjusted_mutual_info_score(y, c)
    )
    table = metrics.cluster.contingency_matrix(y, c)
    assert scores["purity"] == pytest.approx(table.max(0).sum() / len(y))


@pytest.mark.parametrize("seed", range(3))
def test_f1_agrees_with_pairs(seed):
    y, c = random_labels(seed, n=80)
    pairs = list(itertools.combinations(range(len(y)), 2))
    found = {p for p in pairs if c[p[0]] == c[p[1]]}
    wanted = {p for p in pairs if y[p[0]] == y[p[1]]}
    precision = len(found & wanted) / len(found)
    recall = len(found & wanted) / len(wanted)
    scores = clustering_scores(y, c)
    assert scores["precision"] == pytest.approx(precision)
    assert scores["recall"] == pytest.approx(recall)
    assert scores["f1"] == pytest.approx(
        2 * precision * recall / (precision + recall)
    )


@pytest.mark.parametrize(
    ("y", "c", "expected"),
    [
        ([0, 0, 1, 1], [9, 9, -3, -3], (1, 1, 1, 1)),
        ([0, 0, 1, 1], [0, 0, 0, 0], (0, 0, 0.5, 0.5)),
        ([0, 0, 1, 1], [0, 1, 2, 3], (2 / 3, 0, 0, 1)),
        ([0, 0], [1, 1], (1, 1, 1, 1)),
        ([0, 1, 2], [2, 1, 0], (1, 1, 1, 1)),
        ([0], [0], (1, 1, 1, 1)),
    ],
)
def test_closed_forms(y, c, expected):
    scores = clustering_scores(y, c)
    got = [scores[name] for name in ("nmi", "ami", "f1", "purity")]
    assert got == pytest.approx(expected, abs=1e-12)
    json.dumps(scores, allow_nan=False)


def test_numbering_does_not_matter():
    y, c = random_labels(5)
    shuffled = np.random.default_rng(0).permutation(1000)
    mixed = clustering_scores(shuffled[y], shuffled[c])
    for name in ("nmi", "ami", "f1", "purity"):
        assert mixed[name] == pytest.approx(clustering_scores(y, c)[name])


def test_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"labels.shape=\(1,\)"):
        clustering_scores([0], [0, 1])
    with pytest.raises(ValueError, match=r"clusters.shape=\(0,\)"):
        clustering_scores([], [])
