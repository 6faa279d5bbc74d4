"""Clusters that went wrong, against counts in loops."""

import numpy as np
import pytest

from fgkeras.evaluation import clustering_scores
from fgkeras.report import retrieval_sections
from fgkeras.report.embedding.mixed_clusters import mixed_clusters
from fgkeras.report.picture import Picture

NAMES = [f"class {i}" for i in range(6)]


def example(n=90, clusters=7):
    rng = np.random.default_rng(4)
    labels, found = rng.integers(0, 6, n), rng.integers(0, clusters, n)
    # One cluster of one class.
    found[labels == 5] = 50
    return rng.normal(size=(n, 4)), labels, found


def picture(index):
    return Picture(f"data:{index}", 8, 8)


def shown(*args, **options):
    return mixed_clusters(*args, class_names=NAMES, pictures=picture, **options)


def test_the_most_wrong_come_first_and_all_of_them_are_what_purity_lacks():
    x, labels, clusters = example()
    found = shown(x, labels, clusters, count=99)
    wrong, sizes = [], []
    for row in found["rows"]:
        count, _, size = row["note"].removesuffix(" wrong").partition(" of ")
        wrong.append(int(count))
        sizes.append(int(size))
        assert row["name"].startswith(f"{size} images, ")
    assert wrong == sorted(wrong, reverse=True)
    purity = clustering_scores(labels, clusters)["purity"]
    assert sum(wrong) == found["wrong"]
    assert sum(wrong) / len(labels) == pytest.approx(1 - purity)
    # The pure one is none of them.
    assert found["mixed"] == len(found["rows"]) == 7
    assert found["num_clusters"] == 8
    assert len(shown(x, labels, clusters, count=2)["rows"]) == 2


def test_each_class_is_there_by_its_image_nearest_to_the_mean():
    x, labels, clusters = example()
    for row in shown(x, labels, clusters, count=99)["rows"]:
        # Which cluster it is, by the picture of its middle.
        middle = int(row["picture"].uri.removeprefix("data:"))
        rows = [i for i in range(len(x)) if clusters[i] == clusters[middle]]
        mean = sum(x[i] for i in rows) / len(rows)
        away = {i: float(np.linalg.norm(x[i] - mean)) for i in rows}
        assert min(away, key=away.get) == middle
        counts = {}
        for cell in row["found"]:
            own = [i for i in rows if NAMES[labels[i]] == cell["name"]]
            nearest = min(own, key=away.get)
            assert cell["picture"].uri == f"data:{nearest}"
            of_all = (labels == labels[nearest]).sum()
            assert cell["score"] == f"{len(own)} of {of_all}"
            counts[cell["name"]] = len(own)
        assert sum(counts.values()) == len(rows)
        assert list(counts.values()) == sorted(counts.values(), reverse=True)
        right = [cell["right"] for cell in row["found"]]
        assert right == [True] + [False] * (len(right) - 1)


def test_classes_that_have_no_room_are_counted():
    x, labels, clusters = example()
    (row, *_) = shown(x, labels, clusters, top=2)["rows"]
    assert len(row["found"]) == 2
    assert row["name"].endswith(", 3 not shown")


def test_pure_clusters_have_nothing_to_show():
    x, labels, _ = example()
    found = shown(x, labels, labels)
    assert found["rows"] == []
    assert found["wrong"] == 0


def test_the_section_is_there_where_clusters_are_known():
    x, labels, clusters = example()
    options = {
        "class_names": NAMES,
        "thumbnail": lambda i: None,
        "num_bootstrap": 0,
    }
    page = retrieval_sections(x, labels, clusters=clusters, **options)
    assert "Clusters that went wrong" in page
    assert "7 of 8 clusters mix classes" in page
    page = retrieval_sections(x, labels, clusters=labels, **options)
    assert "Clusters that went wrong" not in page
