import json
import pathlib
import sys
import types

import numpy as np
import pytest

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import partition
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping import filter_pool
from fgkeras.jobs.bootstrapping import init
from fgkeras.jobs.bootstrapping import score
from fgkeras.jobs.bootstrapping import train
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.training.reporter import SILENT
from tests.jobs.bootstrapping import world

CHEAP = ["--backbone", "small_cnn", "--mode", "frozen", "--set"]
CHEAP += ["data.size=32", "--set", "method.name=knn"]


@pytest.mark.slow
def test_what_is_of_no_class_is_left_out(tmp_path, capsys):
    truth = world.write(tmp_path)
    place = tmp_path / "project"
    init(
        place,
        f"folder:{tmp_path / 'seed'}",
        f"images:{tmp_path / 'pool'}",
        reporter=SILENT,
    )
    others = tmp_path / "others"
    others.mkdir()
    for i in range(20):
        data = world.photo(world.COLOURS["grey"], 9000 + i)
        (others / f"{i}.jpg").write_bytes(data)
    command = ["bootstrap", "filter", str(place), "--negatives"]
    command += [f"images:{others}", "--quiet", "--json", "--"]
    assert main([*command, *CHEAP]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kept"] + found["left_out"] == len(truth)
    assert found["precision"]["low"] <= found["precision"]["value"]
    with Project(place).store.reading() as db:
        rows = db.execute(
            "SELECT sha256, state, relevance FROM image WHERE origin = 'pool'"
        ).fetchall()
    for row in rows:
        assert (row["relevance"] > 0.5) == (row["state"] == "in")
    left = [truth[r["sha256"]] for r in rows if r["state"] == "filtered"]
    assert left.count("grey") > 0.7 * len(left)
    # Again it is the same, and what is left out is in no part.
    assert main([*command, *CHEAP]) == 0
    assert json.loads(capsys.readouterr().out) == found
    train(place, world.NCM, reporter=SILENT)
    scored = score(place, strategy=Strategy(threshold=0.1), reporter=SILENT)
    assert scored["part"] == -(-found["kept"] // 3)
    with pytest.raises(ValueError, match="before the first round"):
        filter_pool(place, f"images:{others}", reporter=SILENT)


@pytest.fixture
def fresh(tmp_path):
    """A project that was begun, and a maker of negatives."""
    world.write(tmp_path)
    place = tmp_path / "project"
    init(
        place,
        f"folder:{tmp_path / 'seed'}",
        f"images:{tmp_path / 'pool'}",
        reporter=SILENT,
    )

    def negatives(name, colour, count, first=9000, prefix=""):
        folder = tmp_path / name
        folder.mkdir()
        for i in range(count):
            data = world.photo(colour, first + i)
            (folder / f"{prefix}{i}.jpg").write_bytes(data)
        return f"images:{folder}"

    return place, negatives


def filtered(place, spec):
    return filter_pool(place, spec, changes=world.NCM, reporter=SILENT)


def rows_of(place, query):
    with Project(place).store.reading() as db:
        return [tuple(row) for row in db.execute(query)]


@pytest.mark.slow
def test_other_negatives_take_the_place_of_the_earlier_ones(fresh, capsys):
    place, negatives = fresh
    grey = negatives("grey", world.COLOURS["grey"], 10)
    # The same names, other pictures; then other names.
    yellow = negatives("yellow", (240, 240, 20), 8, 8000)
    named = negatives("named", (240, 20, 240), 6, 7000, "other")
    first = filtered(place, grey)
    assert first["negatives"] == grey
    for spec, count in ((yellow, 8), (named, 6)):
        found = filtered(place, spec)
        assert found["negatives"] == spec
        assert found["sha256"] != first["sha256"]
        assert rows_of(
            place, "SELECT count(*) FROM image WHERE origin = 'negative'"
        ) == [(count,)]
        ((names,),) = rows_of(
            place, "SELECT group_concat(source) FROM image "
            "WHERE origin = 'negative'"
        )  # fmt: skip
        assert set(names.split(",")) == {spec}
    # The first ones again are as they were.
    assert filtered(place, grey) == first
    words = ["bootstrap", "filter", str(place), "--quiet", "--negatives", grey]
    words += ["--", "--method", "ncm", "--backbone", "small_cnn"]
    words += ["--size", "32", "--mode", "frozen"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert f"negatives: {grey}" in said
    assert "on 4 of the classes and 2 others, held back" in said


@pytest.mark.slow
def test_a_killed_filter_goes_on_with_other_negatives(fresh):
    place, negatives = fresh
    grey = negatives("grey", world.COLOURS["grey"], 6, prefix="a")
    yellow = negatives("yellow", (240, 240, 20), 6, 8000, "b")

    class Kill(type(SILENT)):
        def bar(self, title, total=None):
            if title == "keeping pictures":
                raise KeyboardInterrupt
            return super().bar(title, total)

    with pytest.raises(KeyboardInterrupt):
        filter_pool(place, grey, changes=world.NCM, reporter=Kill())
    for path in (place.parent / "grey").iterdir():
        path.unlink()
    assert filtered(place, yellow)["negatives"] == yellow


@pytest.mark.slow
def test_negatives_that_went_are_no_longer_asked_for(fresh):
    place, negatives = fresh
    grey = negatives("grey", world.COLOURS["grey"], 8)
    filtered(place, grey)
    (place.parent / "grey" / "0.jpg").unlink()
    assert filtered(place, grey)["held_back_of"]["other"] == 1
    assert rows_of(
        place, "SELECT count(*) FROM image WHERE origin = 'negative'"
    ) == [(7,)]


@pytest.mark.slow
@pytest.mark.parametrize(("count", "held"), [(5, 1), (10, 2)])
def test_a_fifth_of_each_kind_is_held_back(fresh, count, held):
    place, negatives = fresh
    spec = negatives("grey", world.COLOURS["grey"], count)
    found = filtered(place, spec)
    # Of 18 of the seed a fifth is 3.6.
    assert found["held_back_of"] == {"relevant": 4, "other": held}
    assert found["held_back"] == 4 + held


def test_few_negatives_are_refused(fresh):
    place, negatives = fresh
    spec = negatives("grey", world.COLOURS["grey"], 4)
    copy = place.parent / "grey" / "again.jpg"
    copy.write_bytes(world.photo(world.COLOURS["grey"], 9000))
    with pytest.raises(ValueError, match=r"at least 5 images.* 4 other"):
        filtered(place, spec)


def test_a_filter_without_effect_is_refused(fresh):
    place, negatives = fresh
    spec = negatives("grey", world.COLOURS["grey"], 5)
    store = Project(place).store
    store.set("begun", False)
    with pytest.raises(ValueError, match="bootstrap init"):
        filtered(place, spec)
    store.set("begun", True)
    store.set("kind", "settle")
    with pytest.raises(ValueError, match="labels are settled"):
        filtered(place, spec)
    store.set("kind", None)
    partition(store, 2)
    with pytest.raises(ValueError, match="before it is cut into parts"):
        filtered(place, spec)
    assert rows_of(
        place, "SELECT count(*) FROM image WHERE origin = 'negative'"
    ) == [(0,)]


def test_threshold_and_negatives_are_checked(tmp_path):
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        filter_pool(tmp_path, "flora:", threshold=1.0, reporter=SILENT)
    boxes = {"data.crop_to_box": True}
    with pytest.raises(ValueError, match="keeps no boxes.*cropped before"):
        filter_pool(tmp_path, "images:none", changes=boxes, reporter=SILENT)


def test_precision_and_recall_are_at_the_threshold(monkeypatch):
    chances = np.array([0.95, 0.85, 0.6, 0.9, 0.55, 0.1])
    labels = np.array([1, 1, 1, 0, 0, 0])
    logits = np.log(np.stack([1 - chances, chances], axis=1))
    module = sys.modules["fgkeras.jobs.bootstrapping.filter"]
    kept = {"labels": labels, "logits": logits}
    monkeypatch.setattr(module, "read_predictions", lambda *_: kept)
    predictor = types.SimpleNamespace(
        folder=pathlib.Path(), class_names=("other", "relevant"),
        activation="softmax",
    )  # fmt: skip
    for threshold in (0.5, 0.8, 0.92):
        found = module._measured(predictor, threshold)
        above = chances > threshold
        right = (above & (labels == 1)).sum()
        assert found["precision"]["value"] == right / above.sum()
        assert found["recall"]["value"] == right / 3
        assert found["held_back_of"] == {"relevant": 3, "other": 3}
    assert module._measured(predictor, 0.99)["precision"]["value"] is None
