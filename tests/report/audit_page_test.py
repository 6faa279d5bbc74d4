import numpy as np
import pytest
from PIL import Image

from fgkeras.report.audit_page import audit_page
from fgkeras.report.suspects_page import KINDS
from tests.report.suspects_page_test import suspect


def found_of(num_classes=5, granularity=True):
    """What an audit of a small set with every fault would find."""
    names = [f"class <{i}>" for i in range(num_classes)]
    counts = {
        "train": [40 - 7 * i for i in range(num_classes)],
        "test": [9] * num_classes,
    }
    leak = [
        {"id": "a", "split": "train", "class": names[0]},
        {"id": "b", "split": "test", "class": names[1]},
    ]
    measured = [
        {"name": name, "path": name, "size": 160, "value": value,
         "low": value - 0.02, "high": value + 0.02}
        for name, value in (("imagenet", 0.4), ("birds", 0.1))
    ]  # fmt: skip
    return {
        "source": "zip:birds.zip",
        "train_split": "train",
        "description": {
            "num_classes": num_classes,
            "class_names": names,
            "splits": {
                name: {
                    "images": sum(values),
                    "classes": num_classes,
                    "counts": values,
                }
                for name, values in counts.items()
            },
            "balance": {
                "split": "train",
                "largest": 40,
                "smallest": 12,
                "imbalance_factor": 40 / 12,
            },
            "images": {
                "bytes": 123_000_000,
                "formats": {"jpeg": 145},
                "width": {"min": 90, "median": 120.0, "max": 500},
                "height": None,
                "duplicates": {
                    "between_splits": [leak],
                    "with_different_labels": [leak],
                    "within_splits": [],
                },
            },
        },
        "effective_numbers": [
            {"beta": 0.99, "largest": 33.1, "smallest": 11.4,
             "weight_ratio": 2.9}
        ],
        "sample": {"split": "train", "images": 100, "of_images": 130,
                   "classes": 5, "of_classes": 5, "backbone": "small_cnn",
                   "images_of_a_class": [12, 26.0, 40]},
        "granularity": measured if granularity else [],
        "hardest_pairs": (
            [{"classes": names[:2], "shown": names[0], "rankm": 0.25}]
            if granularity
            else []
        ),
        "class_scores": (
            {names[2]: {"rankm": 0.3, "rival": names[1]}}
            if granularity
            else {}
        ),
        "similarity": [],
        "similarity_scale": None,
        "suspects": {
            "looked_at": {"images": 130, "by_the_network": 100, "labels": 99},
            "counts": dict.fromkeys(KINDS, 0) | {"wrong_label": 1},
            "rows": [suspect(class_name=names[0], other_class=names[1])],
        },
        "problems": ["1 picture in more than one split."],
        "recipe": [
            {"what": "Pre-training", "choice": "birds", "option": "--weights b",
             "why": "Because.", "evidence": "experiments/audit"}
        ],
        "commands": [
            {
                "name": "On frozen features",
                "command": "fgkeras train --data zip:birds.zip",
                "why": "A first guess.",
                "minutes": minutes,
            }
            for minutes in (1, None)
        ],
        "environment": {"python": "3.11"},
        "seconds": 12.0,
    }  # fmt: skip


def picture(_):
    return Image.fromarray(
        np.random.default_rng(0).integers(0, 255, (50, 70, 3), "uint8")
    )


def write(path, found):
    return audit_page(
        path,
        found,
        title="birds",
        thumbnail=picture,
        pair_pictures=[(0, 1, 2)] * len(found["hardest_pairs"]),
        read_picture=picture,
    ).read_text("utf-8")


def test_the_page_holds_what_was_found(tmp_path):
    text = write(tmp_path / "audit.html", found_of())
    for said in (
        "1 picture in more than one split.",
        "Pre-training: <bdi>birds</bdi>",
        "fgkeras train --data zip:birds.zip",
        "In more than one split: 1",
        "test: class &lt;1&gt;",
        "25.0 % on the wrong side",
        "Labels that look wrong: 1",
        "0.1000",
        "90 to 500 px, median 120",
    ):
        assert said in text, said
    assert "class <0>" not in text
    assert "http://" not in text
    assert "https://" not in text
    # The leak is shown once, under its gravest fault.
    assert text.count("Picture found more than once") == 1


def test_distances_say_near_and_far(tmp_path):
    found = found_of()
    found["similarity"] = [
        {"name": "zip:b.zip", "classes": 4, "distance": 3.0, "relative": 0.25,
         "similarity": 0.97, "nearest_classes": []}
    ]  # fmt: skip
    found["similarity_scale"] = {
        "near": 2.0, "far": 6.0, "farthest": "zip:c.zip", "reason": None,
    }  # fmt: skip
    text = write(tmp_path / "audit.html", found)
    assert "<td>0.25</td>" in text
    assert "(2.00, the mean of the sets here)" in text
    found["similarity"][0]["relative"] = None
    found["similarity_scale"]["reason"] = "one set alone"
    text = write(tmp_path / "audit.html", found)
    assert "Near and far are not said: one set alone." in text


def test_classes_come_hardest_first(tmp_path):
    text = write(tmp_path / "audit.html", found_of())
    table = text[text.index('id="class-table"') :]
    assert table.index("class &lt;2&gt;") < table.index("class &lt;0&gt;")


def test_without_features_the_page_says_less(tmp_path):
    text = write(tmp_path / "audit.html", found_of(granularity=False))
    assert "Hardest pairs" not in text
    assert "Granularity by pre-training" not in text
    assert "Images per class" in text


@pytest.mark.parametrize("num_classes", [1, 400])
def test_any_number_of_classes(tmp_path, num_classes):
    found = found_of(5)
    split = {"images": 0, "classes": num_classes, "counts": [3] * num_classes}
    found["description"]["splits"] = {"all": split}
    found["description"]["class_names"] = [str(i) for i in range(num_classes)]
    found["train_split"] = "all"
    assert "Images per class" in write(tmp_path / "a.html", found)
