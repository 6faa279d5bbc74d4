import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list
from scipy.cluster.hierarchy import linkage

from fgkeras.bootstrap.acquisition import embedding_order


def planted(seed, clusters=8, each=25, dim=100, noise=0.5):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(clusters, dim))
    labels = rng.permutation(np.repeat(np.arange(clusters), each))
    return centres[labels] + noise * rng.normal(size=(len(labels), dim)), labels


@pytest.mark.parametrize("seed", range(5))
def test_planted_clusters_stand_together(seed):
    x, labels = planted(seed)
    order = embedding_order(x)
    assert sorted(order.tolist()) == list(range(200))
    assert (np.diff(labels[order]) != 0).sum() == 7


def test_points_of_an_arc_come_in_a_row():
    rng = np.random.default_rng(0)
    angle = rng.permutation(np.linspace(0, 2, 64))
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    order = embedding_order(x * rng.uniform(1, 5, (64, 1)))
    steps = np.abs(np.diff(angle[order]))
    # Neighbours on the arc are 0.032 apart, two at random 0.68.
    assert np.median(steps) < 0.033
    assert steps.mean() < 0.08


def test_neighbours_are_nearer_than_in_the_tree_as_it_comes():
    x, _ = planted(1, clusters=1, each=150, noise=1.0)
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)

    def length(order):
        return np.linalg.norm(np.diff(unit[order], axis=0), axis=1).mean()

    plain = length(leaves_list(linkage(unit - unit.mean(axis=0), "ward")))
    assert length(embedding_order(x)) < plain < length(np.arange(150))


def test_length_and_order_of_the_vectors_do_not_matter():
    x, _ = planted(2)
    order = embedding_order(x)
    scale = np.random.default_rng(0).uniform(0.1, 1e3, (200, 1))
    again = embedding_order(x * scale)
    assert order.tolist() == again.tolist()
    shuffle = np.random.default_rng(1).permutation(200)
    other = shuffle[embedding_order(x[shuffle])].tolist()
    assert order.tolist() in (other, other[::-1])


def test_few_and_equal_ones():
    assert embedding_order(np.zeros((0, 4))).tolist() == []
    assert embedding_order(np.ones((1, 4))).tolist() == [0]
    assert embedding_order(np.ones((2, 4))).tolist() == [0, 1]
    assert sorted(embedding_order(np.ones((5, 4)))) == list(range(5))
    assert sorted(embedding_order(np.zeros((5, 4)))) == list(range(5))


def test_refuses():
    for wrong in (np.zeros(3), np.full((3, 2), np.nan), np.full((3, 2), "a")):
        with pytest.raises(ValueError, match="finite matrix"):
            embedding_order(wrong)
    with pytest.raises(ValueError, match=r"shape=\(10001, 1\)"):
        embedding_order(np.zeros((10_001, 1)))
