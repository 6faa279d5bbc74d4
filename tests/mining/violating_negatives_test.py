"""Negatives are drawn from all violations, evenly."""

import numpy as np
import pytest

from fgkeras.mining.violating_negatives import violating_negatives


def scattered(seed=0, n=23):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, n)
    features = rng.standard_normal((n, 3)).astype("float32")
    pairs = [
        (i, j)
        for i in range(n)
        for j in range(n)
        if i != j and labels[i] == labels[j]
    ]
    return features, labels, *np.array(pairs).T


def allowed(features, labels, anchor, positive, margin, which="any"):
    def squared(j):
        return float(((features[anchor] - features[j]) ** 2).sum())

    limit = squared(positive) + margin
    found = {
        j
        for j in range(len(labels))
        if labels[j] != labels[anchor] and squared(j) < limit
    }
    if which == "semi-hard":
        return {j for j in found if squared(j) > squared(positive)}
    if which == "hardest" and found:
        return {min(found, key=squared)}
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("margin", "block"), [(-0.5, 5), (0.2, 4096), (np.inf, 4096)]
)
def test_drawn_are_exactly_the_violations(margin, block):
    features, labels, anchors, positives = scattered()
    repeat = 400
    drawn = violating_negatives(
        labels,
        features,
        np.repeat(anchors, repeat),
        np.repeat(positives, repeat),
        margin=margin,
        block=block,
        rng=3,
    ).reshape(-1, repeat)
    empty = 0
    for row, a, p in zip(drawn, anchors, positives, strict=True):
        expected = allowed(features, labels, a, p, margin)
        empty += not expected
        assert set(row) == (expected or {-1})
    assert empty or margin > 0


@pytest.mark.parametrize("which", ["semi-hard", "hardest"])
@pytest.mark.parametrize(
    ("margin", "block"), [(0.2, 5), (3.0, 4096), (np.inf, 7)]
)
def test_semi_hard_and_hardest_by_their_definition(which, margin, block):
    features, labels, anchors, positives = scattered()
    anchors, positives = anchors[:40], positives[:40]
    drawn = violating_negatives(
        labels,
        features,
        np.repeat(anchors, 150),
        np.repeat(positives, 150),
        margin=margin,
        which=which,
        block=block,
        rng=3,
    ).reshape(-1, 150)
    for row, a, p in zip(drawn, anchors, positives, strict=True):
        expected = allowed(features, labels, a, p, margin, which)
        assert set(row) == (expected or {-1})


def test_which_is_one_of_three():
    features, labels, anchors, positives = scattered()
    with pytest.raises(ValueError, match="any, semi-hard, hardest"):
        violating_negatives(
            labels, features, anchors, positives, which="nearest"
        )


def test_all_violations_are_equally_likely():
    features, labels, anchors, positives = scattered()
    drawn = violating_negatives(
        labels,
        features,
        np.full(9000, anchors[0]),
        np.full(9000, positives[0]),
        block=4,
        rng=1,
    )
    counts = np.unique(drawn, return_counts=True)[1]
    assert len(counts) > 3
    share = 9000 / len(counts)
    np.testing.assert_allclose(counts, share, atol=5 * share**0.5)


def test_one_class_has_no_negatives():
    features = np.zeros((3, 2))
    for margin in (1.0, np.inf):
        drawn = violating_negatives(
            [1, 1, 1], features, [0, 1], [1, 2], margin=margin
        )
        assert drawn.tolist() == [-1, -1]
