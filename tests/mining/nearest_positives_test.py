"""Positives come from the neighbourhood, and nowhere else."""

import numpy as np
import pytest

from fgkeras.mining.nearest_positives import nearest_positives


def clusters(seed=0, sizes=(7, 2, 5)):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([3, 9, 4], sizes))
    return rng.standard_normal((len(labels), 4)).astype("float32"), labels


def allowed(features, labels, anchor, share):
    """By the definition, one image after the other."""
    others = [
        (float(((features[anchor] - features[i]) ** 2).sum()), i)
        for i in range(len(labels))
        if labels[i] == labels[anchor] and i != anchor
    ]
    keep = int(np.ceil(share * len(others)))
    return {i for _, i in sorted(others)[:keep]}


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_drawn_are_exactly_the_nearest(share):
    features, labels = clusters()
    anchors = np.tile(np.arange(len(labels)), 200)
    drawn = nearest_positives(
        labels, features, anchors, fraction=share, block=3, rng=1
    )
    for anchor in range(len(labels)):
        expected = allowed(features, labels, anchor, share)
        assert set(drawn[anchors == anchor]) == expected


def test_all_are_equally_likely():
    features, labels = clusters()
    anchor = int(np.flatnonzero(labels == 3)[0])
    drawn = nearest_positives(
        labels, features, np.full(6000, anchor), fraction=0.5, rng=2
    )
    counts = np.unique(drawn, return_counts=True)[1]
    assert len(counts) == 3
    np.testing.assert_allclose(counts, 2000, atol=200)


def test_blocks_do_not_change_the_draw():
    features, labels = clusters()
    anchors = np.arange(len(labels))
    a, b = (
        nearest_positives(labels, features, anchors, block=n, rng=5)
        for n in (2, 4096)
    )
    np.testing.assert_array_equal(a, b)


def test_refusals():
    features, labels = clusters(sizes=(7, 1, 5))
    alone = int(np.flatnonzero(labels == 9)[0])
    with pytest.raises(ValueError, match=f"1 anchors without, such as {alone}"):
        nearest_positives(labels, features, [alone])
    with pytest.raises(ValueError, match="fraction=0"):
        nearest_positives(labels, features, [0], fraction=0)
