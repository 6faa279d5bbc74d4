import json
import re

import pytest

from fgkeras.export.card import card_facts

INFO = {"input": {"size": 96}}
MEASURED = {
    "num_images": 120,
    "top1": {"value": 0.5, "low": 0.4, "high": 0.6},
    "per_class": [
        {"name": "elm", "n": 110},
        {"name": "oak", "n": 9},
        {"name": "ash", "n": 1},
    ],
}


def limits(**said):
    return " ".join(card_facts(INFO, said, ["elm", "oak", "ash"])["limits"])


def test_what_was_not_given_is_none():
    card = card_facts(INFO, {}, ["elm"])
    for key in ("purpose", "data", "metrics", "licence", "more", "contact"):
        assert card[key] is None
    assert card["name"] == "Image classifier"
    assert card_facts(INFO, {})["kind"] == "image embedder"
    assert json.loads(json.dumps(card)) == card


def test_what_was_given_stands_in_its_place():
    card = card_facts(
        INFO,
        {
            "name": "Trees",
            "description": "For rangers.",
            "train_counts": [5, 2],
            "licences": ["CC0"],
            "site": "north",
        },
        ["elm", "oak"],
    )
    assert card["purpose"] == "For rangers."
    assert card["classes"]["train_images"] == [5, 2]
    assert card["data_licences"] == ["CC0"]
    assert card["more"] == {"site": "north"}
    assert card["model"] is INFO


def test_limits_follow_from_the_numbers():
    assert "Nothing was measured" in limits()
    found = limits(metrics=MEASURED, data={"source": "folder:trees"})
    assert "120 images of folder:trees" in found
    assert "2 of 3 classes have fewer than 10 test images" in found
    assert "(oak, ash)" in found
    assert "names one for any picture" in found
    assert "no probabilities" in found
    found = limits(
        limits="Leaves only.",
        known={"keep": 0.95},
        sets={"level": 0.9},
        calibration={"temperature": 2.0},
    )
    assert found.startswith("Leaves only.")
    assert "95 % of images" in found
    assert "90 % of pictures" in found
    assert "is not guaranteed" in found
    assert "not guaranteed" not in limits(
        sets={"level": 0.9, "guaranteed": True}
    )
    assert "no probabilities" not in found


def test_an_embedder_has_no_limit_of_classes():
    found = " ".join(card_facts(INFO, {})["limits"])
    assert "classes" not in found
    assert "scores" not in found


def test_the_date_is_that_of_a_build(monkeypatch):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", card_facts(INFO, {})["date"])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert card_facts(INFO, {})["date"] == "1970-01-02"


@pytest.mark.parametrize("metadata", [{"name": "Birds"}, {"metrics": MEASURED}])
def test_metadata_is_left_alone(metadata):
    before = json.dumps(metadata)
    card_facts(INFO, metadata, ["a", "b", "c"])
    assert json.dumps(metadata) == before


@pytest.mark.parametrize("guaranteed", [True, False])
def test_coverage_that_is_off_is_said(guaranteed):
    sets = {
        "level": 0.9,
        "guaranteed": guaranteed,
        "coverage": {"value": 0.8},
        "expected": {"low": 0.85, "high": 0.95, "inside": False},
    }
    assert "80.0 %, where 85.0 to 95.0 % were" in limits(sets=sets)
    sets["expected"]["inside"] = True
    assert "80.0" not in limits(sets=sets)
