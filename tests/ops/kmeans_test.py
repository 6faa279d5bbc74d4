import importlib

import numpy as np
import pytest
from sklearn.cluster import KMeans

from fgkeras.ops import kmeans

module = importlib.import_module("fgkeras.ops.kmeans")


def blobs(seed=0, n=400, d=6, classes=8, spread=0.2):
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, n)
    means = generator.normal(size=(classes, d))
    return means[y] + spread * generator.normal(size=(n, d))


def test_ends_where_lloyd_stands_still():
    x = blobs(spread=0.8)
    found = kmeans(x, 12)
    assert found.converged
    distance = ((x[:, None] - found.centers[None]) ** 2).sum(-1)
    own = distance[np.arange(len(x)), found.clusters]
    assert (own <= distance.min(1) + 1e-5).all()
    assert found.inertia == pytest.approx(own.sum(), rel=1e-5)
    for k in range(12):
        np.testing.assert_allclose(
            found.centers[k], x[found.clusters == k].mean(0), atol=1e-6
        )


def test_is_as_good_as_scikit_learn():
    x = blobs(spread=0.5)
    ours = min(kmeans(x, 8, num_starts=5, seed=s).inertia for s in range(2))
    theirs = KMeans(8, n_init=10, random_state=0).fit(x).inertia_
    assert ours <= theirs * 1.01


def test_same_steps_as_the_definition():
    """From one start, skipping changes nothing."""
    x = blobs(1, spread=0.9).astype(np.float32)
    rows = np.arange(30)
    found = module.lloyd(x, x[rows], module._Nearest(x), num_iterations=100)
    centers = x[rows].astype(np.float64)
    clusters = None
    for _ in range(100):
        distance = ((x[:, None] - centers[None]) ** 2).sum(-1)
        new = distance.argmin(1)
        if clusters is not None and (new == clusters).all():
            break
        clusters = new
        for k in range(30):
            centers[k] = x[clusters == k].mean(0)
    np.testing.assert_array_equal(found.clusters, clusters)


def test_many_clusters():
    x = blobs(2, n=1500, classes=200, spread=0.05)
    found = kmeans(x, 200)
    theirs = KMeans(200, n_init=1, random_state=0).fit(x).inertia_
    assert found.inertia < 1.5 * theirs
    rows = module._draw(x.astype(np.float32), 777, np.random.default_rng(0))
    assert len(set(rows.tolist())) == 777


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_seed_and_offset(offset):
    x = blobs(3)
    first = kmeans(x, 20, seed=4)
    again = kmeans(x + offset, 20, seed=4)
    assert first.inertia == pytest.approx(again.inertia, rel=1e-3)
    np.testing.assert_array_equal(
        kmeans(x, 20, seed=4).clusters, first.clusters
    )


@pytest.mark.parametrize("count", [1, 5, 9])
def test_copies_leave_no_cluster_empty(count):
    x = np.repeat(np.eye(3), 3, axis=0)
    found = kmeans(x, count)
    assert np.bincount(found.clusters, minlength=count).min() >= 1
    assert (found.inertia == pytest.approx(0, abs=1e-9)) == (count >= 3)


@pytest.mark.parametrize(
    "options",
    [
        {"num_clusters": 0},
        {"num_clusters": 4},
        {"num_clusters": 2, "num_starts": 0},
        {"num_clusters": 2, "num_iterations": 0},
    ],
)
def test_refuses_options_outside_their_range(options):
    name = list(options)[-1]
    with pytest.raises(ValueError, match=f"{name}={options[name]}"):
        kmeans(np.eye(3), **options)


def test_emptied_center_stays():
    """Lloyd's loop by its definition, on starts that lose their points."""
    emptied = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x, start = rng.normal(size=(40, 5)), 0.3 * rng.normal(size=(15, 5))
        kept = start.copy()

        def assign(centers, moved, clusters, x=x):
            gaps = np.square(x[:, None] - centers).sum(axis=2)
            clusters[:] = gaps.argmin(axis=1)

        found = module.lloyd(x, start, assign, num_iterations=50)
        centers, clusters, seen = start.copy(), np.full(40, -1), set()
        for _ in range(50):
            assign(centers, None, clusters)
            seen |= set(clusters.tolist())
            for k in set(clusters.tolist()):
                centers[k] = x[clusters == k].mean(axis=0)
        emptied += len(seen - set(clusters.tolist()))
        np.testing.assert_array_equal(found.centers, centers)
        np.testing.assert_array_equal(found.clusters, clusters)
        np.testing.assert_array_equal(start, kept)
        assert found.converged
    assert emptied


@pytest.mark.parametrize("x", [np.ones(3), np.ones((2, 0)), [["a"]]])
def test_refuses_what_are_no_vectors(x):
    with pytest.raises(ValueError, match="embeddings must be real numbers"):
        kmeans(x, 1)


def test_refuses_nan():
    with pytest.raises(ValueError, match=r"embeddings\[1, 0\]=nan"):
        kmeans([[0.0], [np.nan]], 1)
