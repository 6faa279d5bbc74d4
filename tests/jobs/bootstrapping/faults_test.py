"""Orders of use in which a project went wrong once."""

import io
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import partition
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping import apply
from fgkeras.jobs.bootstrapping import filter_pool
from fgkeras.jobs.bootstrapping import init
from fgkeras.jobs.bootstrapping import next_step
from fgkeras.jobs.bootstrapping import score
from fgkeras.jobs.bootstrapping import train
from fgkeras.jobs.bootstrapping.export import export
from fgkeras.jobs.bootstrapping.import_ import import_
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.jobs.bootstrapping.scores import answers_sha256
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring.adjustment import Adjustment
from fgkeras.training.reporter import SILENT
from tests.jobs.bootstrapping import world
from tests.jobs.bootstrapping.round_test import rows

# Each trains and scores: together they take most of a minute.
pytestmark = pytest.mark.slow

LOW = Strategy(threshold=0.34)


def again(data):
    """A picture saved again."""
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, "JPEG", quality=70)
    return file.getvalue()


def specs(root):
    return f"folder:{root / 'seed'}", f"images:{root / 'pool'}"


def test_nothing_is_trained_before_copies_are_known(tmp_path, monkeypatch):
    world.write(tmp_path)
    test = tmp_path / "seed" / "test" / "red" / "6.jpg"
    leak = tmp_path / "seed" / "train" / "blue" / "leak.jpg"
    leak.write_bytes(again(test.read_bytes()))
    place = tmp_path / "project"

    def killed(store):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        module = sys.modules["fgkeras.jobs.bootstrapping.init"]
        patch.setattr(module, "mark_copies", killed)
        with pytest.raises(KeyboardInterrupt):
            init(place, *specs(tmp_path), reporter=SILENT)
    seed, pool = specs(tmp_path)
    command = (
        f"Type: fgkeras bootstrap init {place} --data {seed} --pool {pool}"
    )
    with pytest.raises(ValueError, match=f"{command} --rounds 3"):
        train(place, world.NCM, reporter=SILENT)
    assert init(place, seed, pool, reporter=SILENT)["seed_leaks"] == 1
    train(place, world.NCM, reporter=SILENT)
    listed = rows(Project(place).sets(1) / "accepted.csv")
    assert len(listed) == 3 * 6
    assert "leak.jpg" not in {row["file"].rpartition("/")[2] for row in listed}


def test_an_imported_project_goes_on(tmp_path):
    project, truth = world.begun(tmp_path, rounds=2)
    score(project.path, strategy=LOW, reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    export(project.path, tmp_path / "all.jsonl", reporter=SILENT)
    twin = tmp_path / "twin"
    import_(twin, tmp_path / "all.jsonl", reporter=SILENT)
    train(twin, reporter=SILENT)
    for name in ("accepted.csv", "rejected.csv", "training.csv"):
        one = (project.sets(2) / name).read_text("utf-8")
        assert (Project(twin).sets(2) / name).read_text("utf-8") == one


def test_later_decisions_are_said_and_none_is_no_apply(tmp_path):
    project, truth = world.begun(tmp_path, rounds=1)
    score(project.path, strategy=LOW, reporter=SILENT)
    with pytest.raises(ValueError, match="Type: fgkeras bootstrap label"):
        apply(project.path, reporter=SILENT)
    person = Labellers(project.store).add("me")
    card = next_cards(project.store, person)[0]["candidate"]
    decide(project.store, person, "first", Answer(card, "tp"))
    first = apply(project.path, reporter=SILENT)
    assert next_step(project).verb == "train"
    world.label_all(project, truth)
    assert next_step(project).verb == "apply"
    assert "decisions came after" in next_step(project).why
    second = apply(project.path, reporter=SILENT)
    assert second["number"] == first["number"] + 1
    assert next_step(project).verb == "train"
    assert apply(project.path, reporter=SILENT)["number"] == second["number"]


def test_a_pool_that_is_gone_stops_and_comes_back(tmp_path, capsys):
    project, _ = world.begun(tmp_path)
    shutil.move(tmp_path / "pool", tmp_path / "away")
    (tmp_path / "pool").mkdir()
    one = next((tmp_path / "away").iterdir())
    shutil.copy(one, tmp_path / "pool")
    with pytest.raises(ValueError, match="cannot be read now"):
        score(project.path, strategy=LOW, reporter=SILENT)
    shutil.rmtree(tmp_path / "pool")
    shutil.move(tmp_path / "away", tmp_path / "pool")
    found = score(project.path, strategy=LOW, reporter=SILENT)
    assert found["refused"] == []
    assert found["offered"] > 3


def test_what_is_gone_is_left_out_where_that_is_asked(tmp_path, capsys):
    project, _ = world.begun(tmp_path, rounds=1)
    gone = next((tmp_path / "pool").iterdir())
    gone.unlink()
    command = ["bootstrap", "score", str(project.path), "--threshold", "0.34"]
    assert main([*command, "--quiet"]) == 1
    assert "--skip-bad" in capsys.readouterr().err
    assert main([*command, "--quiet", "--skip-bad"]) == 0
    assert "left out: 1 that cannot be read" in capsys.readouterr().out


def test_a_leak_that_is_found_late_leaves_the_set(tmp_path):
    project, truth = world.begun(tmp_path, rounds=1)
    score(project.path, strategy=LOW, reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    new = [
        row
        for row in rows(project.sets(2) / "accepted.csv")
        if row["round"] == "1"
    ]
    picture = (tmp_path / "pool" / new[0]["file"]).read_bytes()
    test = tmp_path / "seed" / "test" / "red" / "late.jpg"
    test.write_bytes(again(picture))
    found = init(project.path, *specs(tmp_path), rounds=1, reporter=SILENT)
    assert found["leaks"] == 1
    number = apply(project.path, reporter=SILENT)["number"]
    left = {row["file"] for row in rows(project.sets(number) / "accepted.csv")}
    assert new[0]["file"] not in left
    assert new[1]["file"] in left


def test_what_comes_late_goes_into_parts_that_wait(tmp_path):
    project, _ = world.begun(tmp_path, rounds=2)
    score(project.path, strategy=LOW, reporter=SILENT)
    for i in range(5):
        data = world.photo(world.COLOURS["red"], 50_000 + i)
        (tmp_path / "pool" / f"late{i}.jpg").write_bytes(data)
    init(project.path, *specs(tmp_path), rounds=2, reporter=SILENT)
    before = partition(project.store, 2)
    with project.store.reading() as db:
        late = db.execute(
            "SELECT part FROM image WHERE name LIKE 'late%'"
        ).fetchall()
    assert [row["part"] for row in late] == [2] * 5
    assert partition(project.store, 2) == before


def test_what_is_taken_unseen_proves_nothing(tmp_path):
    project, truth = world.begun(tmp_path, rounds=2)
    lsun = Strategy("lsun", count=40)
    score(project.path, strategy=lsun, gold=0.0, reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    train(project.path, reporter=SILENT)
    accept = Strategy("lsun", count=40, accept=True, audit=0.02)
    found = score(project.path, strategy=accept, gold=0.0, reporter=SILENT)
    with project.store.reading() as db:
        states = db.execute(
            "SELECT state, outcome, count(*) AS count FROM candidate "
            "WHERE kind = 'unseen' AND round = 2 GROUP BY state, outcome"
        ).fetchall()
        told = db.execute(
            "SELECT sum(count) FROM tally WHERE round = 2 AND outcome <> '' "
            "AND kind <> 'unseen'"
        ).fetchone()[0]
    assert found["accepted"] > 0
    assert [(r["state"], r["outcome"]) for r in states] == [("settled", "tp")]
    assert not told
    # Typed again, what a kill left open is taken in.
    assert score(project.path, strategy=accept, reporter=SILENT)["round"] == 2


def test_options_that_failed_are_not_remembered(tmp_path):
    project, truth = world.begun(tmp_path, rounds=2)
    known = project.store.setting("training")
    score(project.path, strategy=LOW, reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    bad = {**world.NCM, "model.backbone": "oak"}
    with pytest.raises(ValueError, match="oak"):
        train(project.path, bad, reporter=SILENT)
    assert project.store.setting("training") == known
    train(project.path, reporter=SILENT)


def test_another_folder_to_type_in_and_a_file_of_options(tmp_path, monkeypatch):
    project, truth = world.begun(tmp_path, rounds=2)
    file = tmp_path / "run.toml"
    file.write_text(
        "[method]\nname = 'ncm'\n[model]\nbackbone = 'small_cnn'\n"
        "[data]\nsize = 32\n[train]\nmode = 'frozen'\n"
    )
    monkeypatch.chdir(tmp_path)
    train("project", config="run.toml", restart=True, reporter=SILENT)
    monkeypatch.chdir(tmp_path / "seed")
    # The same training, finished.
    folder, _ = train(project.path, reporter=SILENT)
    assert folder.finished
    assert project.store.setting("training")["config"] == str(file)
    score(project.path, strategy=LOW, reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    folder, _ = train(project.path, reporter=SILENT)
    assert folder.config().method.name == "ncm"


def test_an_empty_part_is_a_round_of_nothing(tmp_path, capsys):
    world.write(tmp_path)
    keep = sorted((tmp_path / "pool").iterdir())[0]
    for path in (tmp_path / "pool").iterdir():
        if path != keep:
            path.unlink()
    place = tmp_path / "project"
    init(place, *specs(tmp_path), rounds=2, reporter=SILENT)
    train(place, world.NCM, reporter=SILENT)
    for _ in range(2):
        command = ["bootstrap", "score", str(place), "--threshold", "0.1"]
        assert main([*command, "--quiet"]) == 0
        project = Project(place)
        while next_step(project).verb == "label":
            world.label_all(project, {})
        apply(place, reporter=SILENT)
        train(place, reporter=SILENT)
    assert next_step(Project(place)).verb == "report"


def test_stray_files_of_a_pool_are_listed(tmp_path):
    world.write(tmp_path)
    (tmp_path / "pool" / "clip.mov").write_bytes(b"no picture")
    found = init(tmp_path / "project", *specs(tmp_path), reporter=SILENT)
    assert [name for name, _ in found["refused"]] == ["clip.mov"]


def test_who_is_alone_does_not_wait_for_others(tmp_path):
    project, truth = world.begun(tmp_path, rounds=1)
    score(project.path, strategy=LOW, gold=0.0, reporter=SILENT)
    person = Labellers(project.store).add("me")
    card = next_cards(project.store, person)[0]["candidate"]
    decide(project.store, person, "skipped", Answer(card, "skip"))
    world.label_all(project, truth)
    step = next_step(project)
    assert step.verb == "apply"
    assert "1 of" in step.why
    assert "invite" in step.why


def test_gold_out_of_range_is_said_before_anything_is_scored(tmp_path):
    project, _ = world.begun(tmp_path)
    with pytest.raises(ValueError, match="gold"):
        score(project.path, gold=0.9, reporter=SILENT)
    assert not list(project.round(1).glob("part-*.npz"))


def test_filtered_pictures_are_in_no_round(tmp_path):
    project, _ = world.begun(tmp_path, rounds=1)
    with pytest.raises(ValueError, match="needs something to ask about"):
        score(
            project.path, strategy=Strategy(threshold=0.999999, audit=0.0),
            reporter=SILENT,
        )  # fmt: skip
    with project.store.writing() as db:
        db.execute(
            "UPDATE image SET state = 'filtered' WHERE origin = 'pool' "
            "AND id % 2 = 0"
        )
    score(project.path, strategy=Strategy(threshold=0.1), reporter=SILENT)
    with project.store.reading() as db:
        seen = db.execute(
            "SELECT count(*) FROM candidate AS c JOIN image AS i "
            "ON i.id = c.image WHERE i.state = 'filtered'"
        ).fetchone()[0]
    assert seen == 0
    assert np.isfinite(project.store.setting("scored_1")["offered"])


@pytest.mark.parametrize("change", ["renamed", "added", "gone"])
def test_classes_of_a_seed_that_changed_are_refused(tmp_path, change):
    """Else every decision would be one on another class."""
    project, _ = world.begun(tmp_path)
    before = project.class_names()
    for split in ("train", "test"):
        folder = tmp_path / "seed" / split
        if change == "renamed":
            (folder / "blue").rename(folder / "azure")
        elif change == "added":
            shutil.copytree(folder / "blue", folder / "amber")
        else:
            shutil.rmtree(folder / "blue")
    with pytest.raises(ValueError, match="classes of a project stay"):
        init(project.path, *specs(tmp_path), reporter=SILENT)
    assert project.class_names() == before


def test_a_pool_that_is_gone_is_not_filtered_away(tmp_path):
    world.write(tmp_path)
    place = tmp_path / "project"
    init(place, *specs(tmp_path), reporter=SILENT)
    others = tmp_path / "others"
    others.mkdir()
    for i in range(8):
        data = world.photo(world.COLOURS["grey"], 9000 + i)
        (others / f"{i}.jpg").write_bytes(data)
    gone = sorted((tmp_path / "pool").glob("*.jpg"))[0]
    away = gone.rename(tmp_path / "away.jpg")
    knn = {**world.NCM, "method.name": "knn"}
    with pytest.raises(ValueError, match="1 of 48 that cannot be read now"):
        filter_pool(place, f"images:{others}", changes=knn, reporter=SILENT)
    away.rename(gone)
    found = filter_pool(place, f"images:{others}", changes=knn, reporter=SILENT)
    assert found["kept"] + found["left_out"] == 48


def test_another_adjustment_is_another_model(tmp_path):
    """Weights alone do not say what a run answers."""
    project, _ = world.begun(tmp_path)
    predictor = Predictor(project.run(1))
    before = answers_sha256(predictor)
    adjusted = predictor.adjusted_by(Adjustment("logit", 1.0))
    assert answers_sha256(predictor) == before
    assert answers_sha256(adjusted) != before
