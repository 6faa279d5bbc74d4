import csv
import json

import pytest

import fgkeras.data
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.cli.main import main
from fgkeras.jobs import suspects
from fgkeras.jobs.bootstrapping import apply
from fgkeras.jobs.bootstrapping import train
from fgkeras.jobs.bootstrapping.export import export
from fgkeras.jobs.bootstrapping.import_ import import_
from fgkeras.jobs.bootstrapping.settle import settle
from fgkeras.training.reporter import SILENT
from tests.jobs.bootstrapping import world

COUNTED = ("kept", "renamed", "removed")


@pytest.fixture
def planted(tmp_path):
    """A set where a red picture also stands among the blue ones."""
    world.write(tmp_path)
    red = tmp_path / "seed" / "train" / "red" / "0.jpg"
    (tmp_path / "seed" / "train" / "blue" / "again.jpg").write_bytes(
        world.photo(world.COLOURS["red"], 2000)
    )
    assert red.read_bytes() == world.photo(world.COLOURS["red"], 2000)
    spec = f"folder:{tmp_path / 'seed'}"
    suspects(spec, weights=None, out=tmp_path / "found", reporter=SILENT)
    return tmp_path, spec


def unsure_once(place):
    """One answer that changes nothing; without any there is no apply."""
    project = Project(place)
    person = Labellers(project.store).add("me")
    (card,) = next_cards(project.store, person, 1)
    answer = Answer(card["candidate"], "unsure")
    decide(project.store, person, "r", answer)


def answered(place, verdicts):
    project = Project(place)
    person = Labellers(project.store).add("me")
    names = project.class_names()
    for card in next_cards(project.store, person, 50):
        verdict, instead = verdicts[names[card["class"]]]
        other = names.index(instead) if instead else None
        decide(
            project.store, person, f"r{card['candidate']}",
            Answer(card["candidate"], verdict, other),
        )  # fmt: skip
    return project


def test_kept_renamed_and_removed(planted, capsys):
    root, spec = planted
    place = root / "settled"
    found = settle(place, spec, root / "found", reporter=SILENT)
    assert found["suspects"] == 2
    project = answered(place, {"red": ("tp", None), "blue": ("fp", "red")})
    applied = apply(place, reporter=SILENT)
    assert (applied["kept"], applied["renamed"], applied["removed"]) == (
        1,
        1,
        0,
    )
    folder = project.sets(applied["number"])
    with open(folder / "edits.csv", newline="") as file:
        edits = list(csv.DictReader(file))
    assert [(e["was"], e["is"], e["why"]) for e in edits] == [
        ("blue", "red", "renamed"),
        ("red", "", "the same picture as train/blue/again.jpg"),
    ]
    assert (applied["images"], applied["listed_once"]) == (27, 1)
    source = fgkeras.data.open(f"csv:{folder / 'edited.csv'}")
    assert source.class_names == world.KNOWN
    # Both pictures are one file, which is listed once, as red.
    assert source.counts("train").tolist() == [6, 6, 6]
    assert source.counts("test").tolist() == [3, 3, 3]
    with pytest.raises(ValueError, match="not what comes next"):
        train(place, world.NCM, reporter=SILENT)
    assert main(["bootstrap", "status", str(place)]) == 0
    said = capsys.readouterr().out
    assert "1 renamed" in said
    assert f"fgkeras bootstrap status {place}  " in said
    assert f"csv:{folder / 'edited.csv'}" in said


def test_removed(planted):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    project = answered(place, {"red": ("tp", None), "blue": ("bad", None)})
    applied = apply(place, reporter=SILENT)
    assert (applied["kept"], applied["renamed"], applied["removed"]) == (
        1,
        0,
        1,
    )
    source = fgkeras.data.open(
        f"csv:{project.sets(applied['number']) / 'edited.csv'}"
    )
    assert source.counts("train").tolist() == [6, 6, 6]


def test_undecided_stays(planted):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    with pytest.raises(ValueError, match="Type: fgkeras bootstrap label"):
        apply(place, reporter=SILENT)
    unsure_once(place)
    applied = apply(place, reporter=SILENT)
    assert (applied["renamed"], applied["removed"]) == (0, 0)
    assert applied["rounds"][0]["undecided"] == 1
    # The same bytes under two labels are two rows until somebody decides.
    assert (applied["images"], applied["listed_once"]) == (28, 0)
    folder = Project(place).sets(applied["number"])
    source = fgkeras.data.open(f"csv:{folder / 'edited.csv'}")
    assert dict(
        zip(source.class_names, source.counts("train"), strict=True)
    ) == {
        "blue": 7, "green": 6, "red": 6,
    }  # fmt: skip
    twins = {
        source.class_names[label]
        for part in source.splits.values()
        for name, label in zip(part.ids, part.labels, strict=True)
        if source.read(name) == world.photo(world.COLOURS["red"], 2000)
    }
    assert twins == {"blue", "red"}
    assert (folder / "edits.csv").read_text() == "file,split,was,is,why\n"


def test_the_same_picture_in_two_splits_stays_in_both(tmp_path):
    world.write(tmp_path)
    data = world.photo(world.COLOURS["red"], 2000)
    for place in ("train/red/again", "test/red/again", "train/blue/again"):
        (tmp_path / "seed" / f"{place}.jpg").write_bytes(data)
    spec = f"folder:{tmp_path / 'seed'}"
    suspects(spec, weights=None, out=tmp_path / "found", reporter=SILENT)
    place = tmp_path / "settled"
    settle(place, spec, tmp_path / "found", reporter=SILENT)
    unsure_once(place)
    applied = apply(place, reporter=SILENT)
    # 27 and three: one of the two under red in train is the other's copy.
    assert (applied["images"], applied["listed_once"]) == (29, 1)
    folder = Project(place).sets(applied["number"])
    source = fgkeras.data.open(f"csv:{folder / 'edited.csv'}")
    assert source.counts("train").tolist() == [7, 6, 6]
    assert source.counts("test").tolist() == [3, 3, 4]
    with open(folder / "edits.csv", newline="") as file:
        (edit,) = csv.DictReader(file)
    assert edit == {
        "file": "train/red/again.jpg", "split": "train", "was": "red",
        "is": "", "why": "the same picture as train/red/0.jpg",
    }  # fmt: skip


def test_suspects_are_of_the_same_set_from_another_folder(planted, monkeypatch):
    root, _ = planted
    monkeypatch.chdir(root)
    suspects("folder:seed", weights=None, out="relative", reporter=SILENT)
    monkeypatch.chdir(root / "pool")
    found = settle(
        root / "settled", "folder:../seed", root / "relative", reporter=SILENT
    )
    assert found["suspects"] == 2
    with pytest.raises(ValueError, match=r"those of folder:/.*/seed, and"):
        settle(
            root / "other", "folder:seed", root / "relative", reporter=SILENT
        )


@pytest.mark.parametrize(
    ("format_", "name"),
    [("csv", "v.csv"), ("label-studio", "v.json"), ("fiftyone", "v")],
)
def test_settled_votes_are_exported_and_come_back(planted, format_, name):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    answered(place, {"red": ("tp", None), "blue": ("fp", "red")}).close()
    written = export(place, root / name, format_, reporter=SILENT)
    assert written["votes"] == 2
    read = import_(place, root / name, format_, reporter=SILENT)
    assert (read["votes"], read["added"]) == (2, 0)


def test_an_edited_set_is_not_exported_as_s_and_h(planted):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    unsure_once(place)
    apply(place, reporter=SILENT)
    for format_ in ("sets", "records"):
        with pytest.raises(ValueError, match=r"csv:.*0001/edited\.csv"):
            export(place, root / "out", format_, reporter=SILENT)


def test_suspects_of_another_set_are_refused(planted):
    root, _ = planted
    with pytest.raises(ValueError, match="in the set they were found in"):
        settle(root / "settled", "flora:", root / "found", reporter=SILENT)
    path = root / "found" / "suspects.json"
    found = json.loads(path.read_text())
    found["rows"] = []
    path.write_text(json.dumps(found))
    with pytest.raises(ValueError, match="lists none"):
        settle(
            root / "settled", found["source"], root / "found", reporter=SILENT
        )


def test_an_edited_set_has_no_report(planted, capsys):
    root, spec = planted
    place = root / "settled"
    settle(place, spec, root / "found", reporter=SILENT)
    assert main(["bootstrap", "report", str(place)]) == 1
    assert f"fgkeras bootstrap status {place}" in capsys.readouterr().err
