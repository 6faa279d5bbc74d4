import numpy as np
import pytest

from fgkeras.evaluation import nearest_neighbors


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("separate", [False, True])
def test_agrees_with_a_full_sort(metric, separate):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6)).astype(np.float32)
    g = generator.normal(size=(55, 6)).astype(np.float32) if separate else x
    indices, scores = nearest_neighbors(
        x, g if separate else None, k=5, metric=metric
    )
    for i, query in enumerate(x.astype(np.float64)):
        if metric == "cosine":
            key = [-(query @ v) / np.linalg.norm(v) for v in g]
            key = np.array(key) / np.linalg.norm(query)
        else:
            key = np.array([np.linalg.norm(query - v) for v in g])
        if not separate:
            key[i] = np.inf
        order = np.argsort(key)[:5]
        assert indices[i].tolist() == order.tolist()
        sign = -1 if metric == "cosine" else 1
        np.testing.assert_allclose(scores[i], sign * key[order], rtol=1e-6)


def test_equal_ones_come_in_the_order_of_the_gallery():
    generator = np.random.default_rng(0)
    x = generator.integers(1, 3, (200, 2))
    indices, scores = nearest_neighbors(x, k=150, metric="euclidean")
    for near, values in zip(indices, scores, strict=True):
        order = np.lexsort((near, values))
        np.testing.assert_array_equal(order, np.arange(150))
    x = np.tile([[1.0, 2.0]], (9, 1))
    indices, _ = nearest_neighbors(x, k=3)
    assert indices[0].tolist() == [1, 2, 3]
    assert indices[4].tolist() == [0, 1, 2]


def test_a_gallery_that_holds_a_copy_of_the_query_gives_it_back():
    x = np.random.default_rng(1).normal(size=(6, 3))
    indices, scores = nearest_neighbors(x, x.copy(), k=1)
    assert indices.ravel().tolist() == list(range(6))
    np.testing.assert_allclose(scores, 1)


@pytest.mark.parametrize("k", [0, 3])
def test_refuses_k_outside_the_gallery(k):
    with pytest.raises(ValueError, match=f"k={k}"):
        nearest_neighbors(np.eye(3), k=k)
