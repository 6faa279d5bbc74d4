"""Pages of granularity, similarity and the reality check, from numbers."""

import html.parser
import re

import pytest

from fgkeras.report.measures.granularity_page import granularity_page
from fgkeras.report.measures.reality_page import below_untrained
from fgkeras.report.measures.reality_page import reality_page
from fgkeras.report.measures.similarity_page import similarity_page
from fgkeras.report.picture import Picture

EVIL = '"><img src=x onerror=alert(1)>'


def entry(value):
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


def granularity():
    row = {
        "path": "a",
        "rankm": entry(0.2),
        "rs": entry(0.9),
        "drawn_again": {"rankm": entry(0.15), "rs": entry(0.8)},
        "hardest_pairs": [{"classes": ["crow", EVIL], "rankm": 0.25}],
        "hardest_classes": [{"class": "crow", "rankm": 0.4, "rival": "rook"}],
    }
    return {
        "source": "folder:birds",
        "drawn": {
            "split": "train",
            "images": 40,
            "of_images": 60,
            "classes": 5,
            "of_classes": 5,
            "images_of_a_class": [2, 8.0, 12],
        },
        "labels": "classes",
        "backbone": "mobilenet_v2",
        "size": 160,
        "metric": "unit_euclidean",
        "compared": {"classes": 4, "of_classes": 5},
        "notes": ["Few images."],
        "drawn_again": {
            "classes": 3,
            "images_of_a_class": None,
            "draws": 50,
        },
        "weights": {
            "imagenet": row,
            "birds": {**row, "rankm": entry(0.1)},
        },
    }


def similarity(reason=None):
    return {
        "source": "folder:birds",
        "source_classes": 5,
        "source_images": 1234,
        "source_size": 1.0,
        "weights": "imagenet",
        "gamma": 0.01,
        "scale": {
            "near": 4.0,
            "halves": {"folder:birds": 4.0},
            "far": 20.0,
            "farthest": "cars",
            "reason": reason,
        },
        "targets": [
            {
                "name": name,
                "classes": 3,
                "distance": distance,
                "relative": None if reason else relative,
                "similarity": 0.9,
                "images": 40,
                "size": None if reason else 0.52,
                "nearest_classes": [
                    {"target": EVIL, "sources": [{"name": "crow"}]}
                ]
                * 201,
            }
            for name, distance, relative in (
                ("fowl", 6.0, 0.125),
                ("cars", 20.0, 1.0),
            )
        ],
    }


def check_of(recall=0.5):
    names = ("recall_at_1", "r_precision", "map_at_r", "nmi", "f1")
    return {
        "method": "margin",
        "best_trial": {"train.learning_rate": 0.001},
        "validation": [0.3, 0.4],
        "separate": {name: entry(recall) for name in names},
        "concatenated": {name: entry(recall + 0.1) for name in names},
        "untrained": {
            "dim": 64,
            "features": dict.fromkeys(names, 0.55),
            "components": dict.fromkeys(names, 0.51),
        },
    }


TRIALS = [{"train.learning_rate": 0.01}, {"train.learning_rate": 0.001}]


class _Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.pieces, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.pieces.append(data)


def read(path):
    page = path.read_text("utf-8")
    assert "<img src=x" not in page
    anchors = re.findall(r'<a href="#([^"]+)">', page)
    assert all(f'id="{name}"' in page for name in anchors)
    parser = _Text()
    parser.feed(page)
    return re.sub(r"\s+", " ", "".join(parser.pieces))


def test_granularity(tmp_path):
    page = granularity_page(tmp_path / "a.html", granularity())
    text = read(page)
    assert "40 of 60 images of train, 5 of 5 classes" in text
    assert "Few images." in text
    assert "Measured over 4 of 5 classes" in text
    # The best pre-training first, and all of its indices.
    rows = re.findall(r'<th scope="row"><bdi>(\w+)</bdi>', page.read_text())
    assert rows[0] == "birds"
    assert "0.100 (0.080 to 0.120)" in text
    assert "0.900 (0.880 to 0.920)" in text
    assert "Of 3 classes, drawn 50 times" in text
    assert "0.150 (0.130 to 0.170)" in text
    assert f"crow / {EVIL}" in text
    assert "do not compare" in text
    found = granularity() | {"drawn_again": None}
    assert "drawn 50" not in read(granularity_page(page, found))


def test_granularity_without_rankm(tmp_path):
    found = granularity()
    for row in found["weights"].values():
        del row["rankm"]
        row["drawn_again"] = {"rs": entry(0.8)}
    text = read(granularity_page(tmp_path / "a.html", found))
    assert "by pre-training" not in text
    assert "0.900 (0.880 to 0.920)" in text


def test_similarity(tmp_path):
    path = tmp_path / "a.html"
    text = read(similarity_page(path, similarity()))
    assert "random halves of one set (4.000, the mean of 1)" in text
    assert "the farthest set here, cars (20.000)" in text
    row = "6.000 0.12 0.9000 40 0.52"
    assert row.replace(" ", "") in text.replace(" ", "")
    assert "5 classes, 1,234 images" in text
    assert text.count(EVIL) == 2 * 60
    assert "141 more classes are in the JSON" in text
    text = read(similarity_page(path, similarity("add others")))
    assert "Near and far are not said: add others." in text


@pytest.mark.parametrize(
    ("recall", "below"),
    [(0.5, ["features"]), (0.45, ["features", "PCA"]), (0.6, [])],
)
def test_reality_check_says_first_what_training_loses(tmp_path, recall, below):
    result = check_of(recall)
    text = read(
        reality_page(tmp_path / "a.html", result, TRIALS, "runs of mine")
    )
    notes = below_untrained(result)
    assert len(notes) == bool(below)
    for name, words in (("features", "the features"), ("PCA", "their PCA")):
        assert (words in "".join(notes)) == (name in below)
    assert all(note in text for note in notes)
    assert "PCA to 64, untrained" in text
    assert "Tested: train.learning_rate=0.001." in text
    assert f"{100 * recall:.1f} %" in text


def test_samples_stand_beside_the_medoids_that_rankm_counts(tmp_path):
    found = granularity()
    row = {
        "image": "crow/7.jpg",
        "rank": 4,
        "class": "crow",
        "rival": "rook",
        "medoid": "crow/1.jpg",
        "rival_medoid": "rook/2.jpg",
    }
    easy = {**row, "image": "crow/8.jpg", "rank": 1}
    for numbers in found["weights"].values():
        numbers["samples"] = {"hardest": [row], "easiest": [easy]}
    asked = []

    def picture(image_id):
        asked.append(image_id)
        return Picture(f"data:{image_id}", 96, 96)

    text = read(granularity_page(tmp_path / "a.html", found, picture))
    medoids = ["crow/1.jpg", "rook/2.jpg"]
    assert asked == ["crow/7.jpg", *medoids, "crow/8.jpg", *medoids]
    of = found["compared"]["of_classes"]
    assert f"own medoid, place 4 of {of}" in text
    assert "nearest other medoid, place 1" in text
    assert f"own medoid, place 1 of {of}" in text
    assert "nearest other medoid, place 2" in text
    page = (tmp_path / "a.html").read_text("utf-8")
    assert 'alt="Sample: crow"' in page
    assert "figure 6.3" in text
    assert "Samples" not in read(granularity_page(tmp_path / "b.html", found))
