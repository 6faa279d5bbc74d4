import csv
import hashlib
import json

import numpy as np
import pytest

import fgkeras.data
from fgkeras.bootstrap.project import Project
from fgkeras.cli.main import main
from fgkeras.jobs.bootstrapping import apply
from fgkeras.jobs.bootstrapping import init
from fgkeras.jobs.bootstrapping import next_step
from fgkeras.jobs.bootstrapping import score
from fgkeras.jobs.bootstrapping import train
from fgkeras.jobs.bootstrapping.offers import Strategy
from fgkeras.jobs.bootstrapping.status import status
from fgkeras.training.reporter import SILENT
from tests.jobs.bootstrapping import world


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """A whole loop of two rounds, with what each verb returned."""
    root = tmp_path_factory.mktemp("loop")
    project, truth = world.begun(root, rounds=2)
    said = []
    for _ in range(2):
        scored = score(
            project.path,
            strategy=Strategy(threshold=0.34, audit=0.5),
            gold=0.2,
            reporter=SILENT,
        )
        world.label_all(project, truth)
        said.append((scored, apply(project.path, reporter=SILENT)))
        train(project.path, reporter=SILENT)
    return project, truth, said


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def exemplar_ids(project):
    return project.store.setting("exemplars")


@pytest.mark.slow
def test_parts_are_apart_and_whole(loop):
    project, truth, said = loop
    with project.store.reading() as db:
        parts = db.execute(
            "SELECT part, count(*) FROM image WHERE origin = 'pool' "
            "GROUP BY part"
        ).fetchall()
    counts = [row[1] for row in parts]
    assert [row[0] for row in parts] == [1, 2]
    assert sum(counts) == len(truth)
    assert max(counts) - min(counts) <= 1
    assert [scored["part"] for scored, _ in said] == counts


@pytest.mark.slow
def test_true_and_false_positives_add_up(loop):
    _, _, said = loop
    for number, (_, applied) in enumerate(said, 1):
        row = applied["rounds"][number - 1]
        neither = sum(row[k] for k in ("unsure", "skip", "bad", "dup"))
        assert row["undecided"] == 0
        assert row["right"] + row["wrong"] + neither == row["offered"]
        assert row["right"] > 0
        assert row["wrong"] > 0


@pytest.mark.slow
def test_sets_grow_by_what_was_right(loop):
    project, truth, said = loop
    before = {r["sha256"] for r in rows(project.sets(1) / "accepted.csv")}
    assert len(before) == 3 * 6
    for number, (_, applied) in enumerate(said, 2):
        now = rows(project.sets(number) / "accepted.csv")
        new = [r for r in now if r["sha256"] not in before]
        assert before < {r["sha256"] for r in now}
        assert all(truth[r["sha256"]] == r["label"] for r in new)
        assert len(new) == applied["rounds"][-1]["right"]
        before = {r["sha256"] for r in now}


@pytest.mark.slow
def test_rejected_are_against_their_class(loop):
    project, truth, _ = loop
    rejected = rows(project.sets(3) / "rejected.csv")
    accepted = {
        (r["sha256"], r["label"])
        for r in rows(project.sets(3) / "accepted.csv")
    }
    assert rejected
    for row in rejected:
        assert truth[row["sha256"]] != row["label"]
        assert (row["sha256"], row["label"]) not in accepted


@pytest.mark.slow
def test_sets_open_as_sources_with_bytes_unchanged(loop):
    project, _, _ = loop
    for name in ("accepted", "rejected"):
        source = fgkeras.data.open(f"csv:{project.sets(3) / name}.csv")
        part = source.split("all")
        data = source.read(part.ids[0])
        assert hashlib.sha256(data).hexdigest() == part.columns["sha256"][0]
    assert source.class_names == world.KNOWN


@pytest.mark.slow
def test_no_test_image_is_in_a_set_or_an_exemplar(loop):
    project, _, _ = loop
    with project.store.reading() as db:
        tests = {
            row["sha256"]
            for row in db.execute(
                "SELECT sha256 FROM image WHERE origin = 'test'"
            )
        }
        exemplars = {
            row["sha256"]
            for row in db.execute("SELECT id, sha256 FROM image")
            if row["id"]
            in set(sum(project.store.setting("exemplars").values(), []))
        }
    for name in ("accepted", "rejected"):
        listed = {r["sha256"] for r in rows(project.sets(3) / f"{name}.csv")}
        assert not listed & tests
    assert exemplars
    assert not exemplars & tests


@pytest.mark.slow
def test_gold_is_no_exemplar_and_never_in_a_set(loop):
    project, _, _ = loop
    shown = project.store.setting("exemplars")
    with project.store.reading() as db:
        gold = db.execute(
            "SELECT image, class, rival FROM candidate WHERE kind = 'gold'"
        ).fetchall()
    assert gold
    for row in gold:
        assert row["image"] not in shown[str(row["class"])]
        assert row["image"] not in shown[str(row["rival"])]


@pytest.mark.slow
def test_audits_stand_for_what_is_below(loop):
    project, _, said = loop
    manifest = json.loads(
        (project.round(1) / "manifest.json").read_text("utf-8")
    )
    scored = said[0][0]
    with project.store.reading() as db:
        weights = db.execute(
            "SELECT sum(weight), count(*) FROM candidate "
            "WHERE round = 1 AND kind = 'audit'"
        ).fetchone()
    assert weights[1] == scored["audit"]
    assert manifest["below"] == scored["part"] - scored["offered"]
    assert abs((weights[0] or 0) - manifest["below"]) <= 2


@pytest.mark.slow
def test_scored_again_is_the_same(loop, tmp_path):
    project, truth = world.begun(tmp_path, rounds=2)
    again = score(
        project.path,
        strategy=Strategy(threshold=0.34, audit=0.5),
        gold=0.2,
        reporter=SILENT,
    )
    first = loop[2][0][0]
    assert again == first
    manifests = [
        json.loads((one.round(1) / "manifest.json").read_text("utf-8"))
        for one in (loop[0], project)
    ]
    for manifest in manifests:
        del manifest["sets"]  # Their tables name folders.
    assert manifests[0] == manifests[1]
    assert score(project.path, reporter=SILENT) == json.loads(json.dumps(again))


@pytest.mark.slow
def test_threshold_is_strict(loop):
    project, _, _ = loop
    with project.store.reading() as db:
        lowest = db.execute(
            "SELECT min(score) FROM candidate WHERE kind = 'offer'"
        ).fetchone()[0]
        highest = db.execute(
            "SELECT max(score) FROM candidate WHERE kind = 'audit'"
        ).fetchone()[0]
    assert lowest > 0.34
    assert highest is None or highest <= 0.34


@pytest.mark.slow
def test_next_steps_and_refusals(tmp_path, capsys):
    truth = world.write(tmp_path)
    place = tmp_path / "project"
    command = ["bootstrap", "init", str(place), "--data"]
    command += [f"folder:{tmp_path / 'seed'}", "--pool"]
    command += [f"images:{tmp_path / 'pool'}", "--rounds", "1", "--quiet"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert f"next: fgkeras bootstrap train {place}" in out
    assert f"3 classes, 18 seed images, 9 held out, {len(truth)}" in out
    for verb in ("score", "label", "apply"):
        assert main(["bootstrap", verb, str(place)]) == 1
        error = capsys.readouterr().err
        assert f"Type: fgkeras bootstrap train {place}" in error, verb
    train(place, world.NCM, reporter=SILENT)
    assert next_step(Project(place)).verb == "score"
    score(place, strategy=Strategy(threshold=0.34), reporter=SILENT)
    assert next_step(Project(place)).verb == "label"
    world.label_all(Project(place), truth)
    assert next_step(Project(place)).verb == "apply"
    assert main(["bootstrap", "apply", str(place), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "right +" in said
    assert "next: fgkeras bootstrap train" in said
    number = Project(place).last_applied()[0]
    apply(place, reporter=SILENT)
    assert Project(place).last_applied()[0] == number, "nothing was new"
    train(place, reporter=SILENT)
    assert next_step(Project(place)).verb == "report"
    found = status(place)
    assert found["labellers"][0]["decisions"] > 0
    assert main(["bootstrap", "status", str(place), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rounds"][0]["open"] == 0


@pytest.mark.slow
def test_begun_for_something_else_is_refused(tmp_path):
    world.write(tmp_path)
    seed, pool = f"folder:{tmp_path / 'seed'}", f"images:{tmp_path / 'pool'}"
    init(tmp_path / "project", seed, pool, reporter=SILENT)
    with pytest.raises(ValueError, match="rounds 3, now 2"):
        init(tmp_path / "project", seed, pool, rounds=2, reporter=SILENT)
    with pytest.raises(ValueError, match="at least 1"):
        init(tmp_path / "other", seed, pool, rounds=0, reporter=SILENT)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="new or an empty folder"):
        init(tmp_path / "full", seed, pool, reporter=SILENT)


@pytest.mark.slow
def test_bad_and_copied_pictures_are_listed(tmp_path, capsys):
    world.write(tmp_path)
    pool = tmp_path / "pool"
    (pool / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    seed = next((tmp_path / "seed" / "train" / "red").iterdir())
    test = next((tmp_path / "seed" / "test" / "red").iterdir())
    (pool / "of_seed.jpg").write_bytes(seed.read_bytes())
    (pool / "of_test.jpg").write_bytes(test.read_bytes())
    found = init(
        tmp_path / "project",
        f"folder:{tmp_path / 'seed'}",
        f"images:{pool}",
        reporter=SILENT,
    )
    assert [name for name, _ in found["refused"]] == ["broken.jpg"]
    assert (found["duplicates"], found["leaks"]) == (1, 1)


@pytest.mark.slow
def test_a_seed_must_decode(tmp_path):
    world.write(tmp_path)
    bad = tmp_path / "seed" / "train" / "red" / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 cut")
    with pytest.raises(ValueError, match="bad.jpg"):
        init(
            tmp_path / "project",
            f"folder:{tmp_path / 'seed'}",
            f"images:{tmp_path / 'pool'}",
            reporter=SILENT,
        )


@pytest.mark.slow
def test_options_that_cannot_be():
    with pytest.raises(ValueError, match="strategy"):
        Strategy("best")
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        Strategy(threshold=1.0)
    with pytest.raises(ValueError, match="not of this strategy"):
        Strategy("margin", threshold=0.7)
    with pytest.raises(ValueError, match="not of this strategy"):
        Strategy(count=3)
    with pytest.raises(ValueError, match="lsun"):
        Strategy(accept=True)


@pytest.mark.slow
def test_training_takes_its_own_images(tmp_path):
    world.write(tmp_path)
    place = tmp_path / "project"
    init(
        place,
        f"folder:{tmp_path / 'seed'}",
        f"images:{tmp_path / 'pool'}",
        reporter=SILENT,
    )
    with pytest.raises(ValueError, match="data.source"):
        train(place, {"data.source": "flora:"}, reporter=SILENT)
    # What scores a pool sees pictures whole, and was trained so.
    changes = {**world.NCM, "data.crop_to_box": "yes"}
    with pytest.raises(ValueError, match="keeps no boxes.*cropped before"):
        train(place, changes, reporter=SILENT)
    assert main(["bootstrap", "train", str(place), "--", "--epoch", "1"]) == 1


@pytest.mark.slow
def test_rejected_images_are_mined(tmp_path):
    """The thesis' way: H goes into the training, as negatives of its class."""
    project, truth = world.begun(tmp_path, rounds=2)
    score(project.path, strategy=Strategy(threshold=0.34), reporter=SILENT)
    world.label_all(project, truth)
    apply(project.path, reporter=SILENT)
    folder, metrics = train(
        project.path,
        {
            "method.name": "triplet-a",
            "model.backbone": "small_cnn",
            "train.mode": "frozen",
            "data.size": 32,
            "train.epochs": 2,
        },
        reporter=SILENT,
    )
    config = folder.config()
    assert config.method.rejected.endswith("rejected.csv")
    kept = json.loads((folder / "data.json").read_text("utf-8"))
    listed = rows(project.sets(2) / "rejected.csv")
    assert len(kept["images"]["rejected"]["ids"]) == len(listed)
    assert np.isfinite(metrics["top1"]["value"])
    scored = score(project.path, reporter=SILENT)
    assert scored["round"] == 2
