"""A query never finds itself, however the gallery was given."""

import numpy as np
import pytest

from fgkeras.evaluation import nearest_neighbors
from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation import retrieval_report
from fgkeras.evaluation.own_places import own_places


def cloud(count=60):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, count)
    return rng.normal(size=(7, 5))[labels] + rng.normal(size=(count, 5)), labels


def test_places():
    x = [[1.0], [2.0]]
    assert own_places(x).tolist() == [0, 1]
    assert own_places(x, x).tolist() == [0, 1]
    assert own_places(x, list(x)).tolist() == [-1, -1]
    assert own_places(x, [[3.0]], ["a", "b"], ["b"]).tolist() == [-1, 0]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_same_object_is_searched_without_each_query(metric):
    x, labels = cloud()
    alone = retrieval_report(x, labels, metric=metric, num_bootstrap=5)
    given = retrieval_report(
        x, labels, gallery=x, gallery_labels=labels, metric=metric,
        num_bootstrap=5,
    )  # fmt: skip
    assert given == alone
    assert not given["separate_gallery"]
    for ours, theirs in zip(
        nearest_neighbors(x, x, k=3, metric=metric),
        nearest_neighbors(x, k=3, metric=metric),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_matching_ids_are_left_out(metric):
    x, labels = cloud()
    names = np.array([f"{i}.jpg" for i in range(len(x))])
    order = np.random.default_rng(1).permutation(len(x))
    alone = relevant_ranks(x, labels, metric=metric)
    ranks = relevant_ranks(
        x,
        labels,
        gallery=x[order],
        gallery_labels=labels[order],
        ids=names,
        gallery_ids=names[order],
        metric=metric,
    )
    np.testing.assert_array_equal(ranks.first_rank, alone.first_rank)
    np.testing.assert_array_equal(ranks.num_relevant, alone.num_relevant)
    np.testing.assert_array_equal(
        ranks.average_precision_at_r, alone.average_precision_at_r
    )
    near, _ = nearest_neighbors(
        x, x[order], k=3, ids=names, gallery_ids=names[order], metric=metric
    )
    expected, _ = nearest_neighbors(x, k=3, metric=metric)
    np.testing.assert_array_equal(order[near], expected)


def test_some_queries_stand_in_the_gallery():
    x, labels = cloud()
    names = list(range(60))
    ranks = relevant_ranks(
        x[:30], labels[:30], gallery=x[20:], gallery_labels=labels[20:],
        ids=names[:30], gallery_ids=names[20:],
    )  # fmt: skip
    counts = np.bincount(labels[20:], minlength=7)[labels[:30]]
    counts[20:] -= 1
    np.testing.assert_array_equal(ranks.num_relevant, counts)
    near, scores = nearest_neighbors(
        x[:30], x[20:], k=39, ids=names[:30], gallery_ids=names[20:]
    )
    for query in range(20, 30):
        assert query - 20 not in near[query]
    assert np.isfinite(scores).all()


def test_a_copy_under_other_labels_is_left_out_too():
    """The same images asked by another label, such as the genus."""
    x, labels = cloud()
    ranks = relevant_ranks(
        x, labels, gallery=x, gallery_labels=labels[::-1].copy()
    )
    counts = np.bincount(labels, minlength=7)[labels]
    counts -= labels == labels[::-1]
    np.testing.assert_array_equal(ranks.num_relevant, counts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ids": ["a", "a"]}, "ids with 'a' twice"),
        ({"ids": ["a"]}, "1 ids of 2 images"),
        ({"gallery": [[1.0]], "ids": ["a", "b"]}, "no gallery_ids"),
        ({"gallery": [[1.0]], "gallery_ids": ["b"]}, "no ids"),
        (
            {
                "gallery": [[1.0], [2.0]],
                "ids": ["a", "b"],
                "gallery_ids": ["b", "b"],
            },
            "gallery_ids with 'b' twice",
        ),
    ],
)
def test_ids_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        own_places([[1.0], [2.0]], **options)
