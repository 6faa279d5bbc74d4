import importlib

import numpy as np
import pytest

from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation.similarity import Similarity
from fgkeras.evaluation.symmetric_ranks import symmetric_ranks

module = importlib.import_module("fgkeras.evaluation.relevant_ranks")


def by_definition(x, y, gallery=None, gallery_labels=None, metric="cosine"):
    """Sorts every query's gallery in float64, other classes first in ties."""
    x = np.asarray(x, np.float64)
    same = gallery is None
    g = x if same else np.asarray(gallery, np.float64)
    h = np.asarray(y if same else gallery_labels)
    results = []
    for i, query in enumerate(x):
        order = []
        for j, item in enumerate(g):
            if same and i == j:
                continue
            if metric == "euclidean":
                near = -float(np.sum((query - item) ** 2))
            else:
                a = np.linalg.norm(query) * np.linalg.norm(item)
                near = float(query @ item) / a if a else 0.0
            order.append((-round(near, 12), int(h[j] == y[i])))
        right = [flag for _, flag in sorted(order)]
        total = sum(right)
        if not total:
            results.append((0, np.nan, np.nan))
            continue
        hits, precision = 0, 0.0
        for place, flag in enumerate(right[:total], 1):
            hits += flag
            precision += flag * hits / place
        results.append((right.index(1) + 1, hits / total, precision / total))
    return np.array(results).T


def cloud(seed, n=90, d=5, classes=9, spread=1.0):
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, n)
    means = generator.normal(size=(classes, d))
    return means[y] + spread * generator.normal(size=(n, d)), y


def check(ranks, expected):
    np.testing.assert_array_equal(ranks.first_rank, expected[0])
    np.testing.assert_allclose(ranks.r_precision, expected[1], atol=1e-12)
    np.testing.assert_allclose(
        ranks.average_precision_at_r, expected[2], atol=1e-12
    )


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("spread", [0.05, 0.5, 2.0])
def test_agrees_with_the_definition(metric, spread):
    x, y = cloud(0, spread=spread)
    y[7] = 99  # the only one of its class
    ranks = relevant_ranks(x, y, metric=metric)
    check(ranks, by_definition(x, y, metric=metric))
    assert ranks.num_relevant[7] == 0
    assert not ranks.answerable[7]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_separate_gallery(metric):
    x, y = cloud(1, n=40, classes=6)
    g, h = cloud(2, n=70, classes=5)  # class 5 has no image there
    ranks = relevant_ranks(x, y, gallery=g, gallery_labels=h, metric=metric)
    check(ranks, by_definition(x, y, g, h, metric))


def test_blocks_do_not_matter(monkeypatch):
    x, y = cloud(3)
    whole = relevant_ranks(x, y)
    monkeypatch.setattr(module, "_BLOCK_VALUES", 7 * len(x))
    check(
        relevant_ranks(x, y),
        (whole.first_rank, whole.r_precision, whole.average_precision_at_r),
    )


def test_ties_put_other_classes_first():
    # Points on a grid: nearly every distance occurs many times.
    generator = np.random.default_rng(4)
    for classes in (4, 40):
        x = generator.integers(0, 5, (80, 2))
        y = generator.integers(0, classes, 80)
        check(
            relevant_ranks(x, y, metric="euclidean"),
            by_definition(x, y, metric="euclidean"),
        )
    same = relevant_ranks(np.ones((6, 3)), [0, 0, 0, 1, 1, 1])
    np.testing.assert_array_equal(same.first_rank, 4)
    np.testing.assert_array_equal(same.average_precision_at_r, 0)


def test_tells_apart_what_float32_cannot():
    gallery = np.array([[1.0, 1, 1 + 1e-9], [1, 1, 1 + 2e-9], [1, 0, 0]])
    query = np.array([[0.0, 0.0, 2.0]])
    for metric in ("cosine", "euclidean"):
        ranks = relevant_ranks(
            query,
            [0],
            gallery=gallery,
            gallery_labels=[0, 1, 2],
            metric=metric,
        )
        assert ranks.first_rank[0] == 2
        similarity = Similarity(gallery, metric)
        rows = np.array([0, 1])
        near, nearer = similarity.exact(query[[0, 0]], rows)
        assert near < nearer
        block = similarity.block(query)[0, rows]
        assert abs(block[0] - block[1]) <= 2 * similarity.slack(query)[0]


def test_offset_scale_and_order_of_images_do_not_matter():
    x, y = cloud(5)
    plain = relevant_ranks(x, y, metric="euclidean")
    for other in (x * 1e12, x * 1e-12, x.astype(np.float64) + 1e4):
        moved = relevant_ranks(other, y, metric="euclidean")
        np.testing.assert_array_equal(moved.first_rank, plain.first_rank)
    order = np.random.default_rng(0).permutation(len(x))
    mixed = relevant_ranks(x[order], y[order], metric="euclidean")
    np.testing.assert_array_equal(mixed.first_rank, plain.first_rank[order])
    scaled = relevant_ranks(x * np.exp(x[:, :1]), y)
    np.testing.assert_array_equal(
        scaled.first_rank, relevant_ranks(x, y).first_rank
    )


def test_zero_vectors_are_far_from_nothing():
    ranks = relevant_ranks([[0.0, 0], [0, 0], [1, 0], [1, 0]], [0, 0, 1, 1])
    np.testing.assert_array_equal(ranks.first_rank, [3, 3, 1, 1])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"embeddings": [1.0, 2.0]}, r"embeddings.shape=\(2,\)"),
        ({"embeddings": [[1.0], [np.nan]]}, r"embeddings\[1\]"),
        ({"labels": [1]}, r"labels.shape=\(1,\)"),
        ({"labels": [0.5, 1]}, "dtype=float64"),
        ({"gallery": [[1.0]]}, "gallery_labels missing"),
        ({"gallery": [[1, 2]], "gallery_labels": [0]}, "1 and 2"),
        ({"metric": "dot"}, "metric='dot'"),
        (
            {
                "embeddings": [[1e30], [0]],
                "gallery": [[0.0], [1.0]],
                "gallery_labels": [0, 1],
                "metric": "euclidean",
            },
            "2e\\+30 times",
        ),
    ],
)
def test_refuses_what_does_not_fit(change, match):
    options = {"embeddings": [[1.0], [2.0]], "labels": [0, 0]} | change
    with pytest.raises(ValueError, match=match):
        relevant_ranks(
            options.pop("embeddings"), options.pop("labels"), **options
        )


def test_a_collapsed_model_is_ranked_row_by_row(monkeypatch):
    # Nearly equal scores would fill the memory of the search by tiles.
    monkeypatch.setattr(module, "_MANY", 64)
    given = []

    def by_class(*args):
        given.append(symmetric_ranks(*args))
        return given[0]

    monkeypatch.setattr(module, "symmetric_ranks", by_class)
    labels = np.repeat(np.arange(300), 2)
    ranks = relevant_ranks(np.ones((600, 4), "float32"), labels)
    assert given == [None]
    np.testing.assert_array_equal(ranks.first_rank, 599)
    np.testing.assert_array_equal(ranks.r_precision, 0.0)
