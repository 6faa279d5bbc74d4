"""Lists of triplets keep the rules of every named method."""

import numpy as np
import pytest

from fgkeras.mining.quasi_online import quasi_online_triplets


def unit(seed=0, n=60, classes=5):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x.astype("float32"), rng.integers(0, classes, n)


def squared(x, i, j):
    return np.square(x[i].astype("float64") - x[j]).sum(axis=1)


@pytest.mark.parametrize(
    ("negatives", "nearest"),
    [
        ("random", 1.0),
        ("violating", 1.0),
        ("violating", 0.6),
        ("semi-hard", 1.0),
        ("hardest", 0.6),
    ],
)
def test_rules(negatives, nearest):
    x, labels = unit()
    a, p, n = quasi_online_triplets(
        labels, x, 500, negatives=negatives, nearest=nearest, seed=1
    ).T
    assert len(a) == 500
    assert (a != p).all()
    assert (labels[a] == labels[p]).all()
    assert (labels[a] != labels[n]).all()
    violated = squared(x, a, p) - squared(x, a, n) + 0.2 > -1e-6
    assert violated.all() == (negatives != "random")
    beyond = squared(x, a, n) > squared(x, a, p)
    assert beyond.all() == (negatives == "semi-hard")
    others = [np.flatnonzero(labels != labels[i]) for i in a]
    least = [squared(x, i, j).min() for i, j in zip(a, others, strict=True)]
    is_least = np.isclose(squared(x, a, n), least)
    assert is_least.all() == (negatives == "hardest")
    for i in np.unique(a):
        mates = np.flatnonzero((labels == labels[i]) & (np.arange(60) != i))
        rank = np.argsort(squared(x, np.full(len(mates), i), mates))
        near = mates[rank[: int(np.ceil(nearest * len(mates)))]]
        assert set(p[a == i]) <= set(near)


def test_anchors_come_evenly():
    x, labels = unit()
    triplets = quasi_online_triplets(labels, x, 180, negatives="random")
    assert (np.bincount(triplets[:, 0], minlength=60) == 3).all()


def test_same_seed_same_list():
    x, labels = unit()
    one, two, other = (
        quasi_online_triplets(labels, x, 50, block=16, seed=[4, s])
        for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_rejected_images_serve_their_class_only_and_in_equal_number():
    x, labels = unit()
    rejected, of = x[:4] * 0.9, np.array([2, 2, 3, 2])
    people = {"rejected_features": rejected, "rejected_labels": of}
    triplets = quasi_online_triplets(
        labels, x, 400, rejected="any", **people, seed=2
    )
    assert len(triplets) == 400
    mark = triplets[:, 2] >= 60
    np.testing.assert_array_equal(
        labels[triplets[mark, 0]], of[triplets[mark, 2] - 60]
    )
    for label, numbers in ((2, {60, 61, 63}), (3, {62}), (1, set())):
        mine = labels[triplets[:, 0]] == label
        assert set(triplets[mine & mark, 2]) == numbers
        if numbers:
            assert abs(int((mine & mark).sum()) - int((mine & ~mark).sum())) < 2


def test_rejected_images_violate_the_margin_unless_any_is_asked_for():
    x, labels = unit()
    people = {"rejected_features": x[:6] * 0.9, "rejected_labels": [2] * 6}
    both = np.concatenate([x, x[:6] * 0.9])
    for rejected in ("violating", "any"):
        a, p, n = quasi_online_triplets(
            labels, x, 400, rejected=rejected, **people, seed=2
        ).T
        mark = n >= 60
        assert mark.sum() > 20
        a, p, n = a[mark], p[mark], n[mark]
        violates = squared(x, a, p) + 0.2 > squared(both, a, n) - 1e-6
        assert violates.all() == (rejected == "violating")


def test_nothing_violates_any_more():
    x = np.repeat(np.eye(3, dtype="float32"), 4, axis=0)
    labels = np.repeat(np.arange(3), 4)
    assert len(quasi_online_triplets(labels, x, 10)) == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"num_triplets": 0}, "num_triplets=0"),
        ({"nearest": 1.5}, "nearest=1.5"),
        ({"negatives": "nearest"}, "negatives='nearest'"),
        ({"rejected": "random"}, "violating, any. Received: rejected='random'"),
        ({"labels": np.zeros(60, int)}, "labels of 1 classes"),
        ({"labels": np.arange(60)}, "at most 1 images"),
        ({"labels": np.arange(59)}, r"\(59,\)"),
        ({"rejected_labels": [1]}, r"shapes None and \(1,\)"),
    ],
)
def test_refusals(change, match):
    x, labels = unit()
    with pytest.raises(ValueError, match=match):
        quasi_online_triplets(
            **{"features": x, "labels": labels, "num_triplets": 5, **change}
        )
