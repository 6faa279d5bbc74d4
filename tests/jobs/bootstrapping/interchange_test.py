import contextlib
import json
import pathlib
import shlex
import shutil

import numpy as np
import pytest

import fgkeras.data
from fgkeras.bootstrap.project import Project
from fgkeras.cli.main import main
from fgkeras.data.images.image import decode
from fgkeras.jobs.bootstrapping.apply import apply
from fgkeras.jobs.bootstrapping.export import EXPORTS
from fgkeras.jobs.bootstrapping.export import export
from fgkeras.jobs.bootstrapping.import_ import import_
from fgkeras.training.reporter import SILENT
from tests.bootstrap.scripted_project import pictured_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictured") / "p"
    pictured_project(folder).close()
    apply(folder, reporter=SILENT)
    return folder


def verb(*words):
    return main(["bootstrap", *map(str, words)])


def test_a_project_is_moved_by_its_file(project, tmp_path, capsys):
    file = tmp_path / "project.jsonl"
    assert verb("export", project, "--out", file) == 0
    assert verb("import", tmp_path / "new", file, "--json", "--quiet") == 0
    said = capsys.readouterr().out
    found = json.loads(said[said.index("{") :])
    copy = Project(tmp_path / "new")
    assert copy.last_applied() == Project(project).last_applied()
    assert copy.class_names() == Project(project).class_names()
    manifest = "rounds/01/manifest.json"
    assert (copy.path / manifest).is_file()
    again = tmp_path / "again.jsonl"
    export(copy.path, again, reporter=SILENT)
    assert again.read_bytes() == file.read_bytes()
    # Repeated, it finds itself.
    assert import_(copy.path, file, reporter=SILENT) == found
    file.write_bytes(file.read_bytes().replace(b'"seed":0', b'"seed":1'))
    with pytest.raises(ValueError, match="restored into a new folder"):
        import_(copy.path, file, reporter=SILENT)


def test_a_damaged_file_leaves_no_folder(project, tmp_path):
    export(project, tmp_path / "a.jsonl", reporter=SILENT)
    data = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"a\.jsonl, line \d+"):
        import_(tmp_path / "new", tmp_path / "a.jsonl", reporter=SILENT)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("format_", "place"),
    [("csv", "v.csv"), ("label-studio", "v.json"), ("fiftyone", "v")],
)
def test_votes_come_back_known(project, tmp_path, format_, place, capsys):
    out = tmp_path / place
    assert verb("export", project, "--format", format_, "--out", out) == 0
    shutil.copytree(project, tmp_path / "copy")
    with Project(project).store.reading() as db:
        (count,) = db.execute("SELECT count(*) FROM decision").fetchone()
    capsys.readouterr()
    words = ("import", tmp_path / "copy", out, "--format", format_)
    assert verb(*words, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["votes"], found["added"]) == (count, 0)
    assert verb(*words, "--labeller", "Eve") == 0
    said = capsys.readouterr().out
    assert f"{count} votes" in said
    assert "next: " in said


def test_sets_stand_alone(project, tmp_path, capsys):
    out = tmp_path / "sets"
    assert verb("export", project, "--format", "sets", "--out", out) == 0
    said = capsys.readouterr().out
    assert (
        f"--data csv:{out}/training.csv --method triplet-a "
        f"--set method.rejected=csv:{out}/rejected.csv" in said
    )
    moved = tmp_path / "moved"
    shutil.move(out, moved)
    accepted = fgkeras.data.open(f"csv:{moved}/accepted.csv")
    rejected = fgkeras.data.open(f"csv:{moved}/rejected.csv")
    training = fgkeras.data.open(f"csv:{moved}/training.csv")
    facts = json.loads((moved / "sets.json").read_text())
    names = Project(project).class_names()
    for source, count in ((accepted, "accepted"), (rejected, "rejected")):
        assert tuple(source.class_names) == names
        (split,) = source.splits.values()
        assert len(split) == facts[count]
        assert set(split.columns) >= {"sha256", "licence", "round"}
        for name in split.ids:
            assert source.read(name)
            assert pathlib.Path(moved, name).resolve().is_relative_to(moved)
    assert len(training.split("test")) == facts["test"]
    # Nothing leads out of the folder.
    assert not any(path.is_symlink() for path in moved.rglob("*"))
    assert "../" not in (moved / "training.csv").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["sets", "records"])
def test_sets_are_trained_on_as_they_are(project, tmp_path, format_):
    out = tmp_path / "out"
    assert verb("export", project, "--format", format_, "--out", out) == 0
    training, rejected = f"csv:{out}/accepted.csv", f"csv:{out}/rejected.csv"
    if format_ == "records":
        training = f"records:{out}/training"
        rejected = f"records:{out}/rejected"
    words = [
        *("--data", training, "--set", f"method.rejected={rejected}"),
        *("--method", "triplet-a", "--backbone", "small_cnn", "--size", "32"),
        *("--mode", "finetune", "--epochs", "1", "--out", tmp_path / "run"),
    ]
    assert main(["train", *map(str, words), "--quiet"]) == 0
    assert (tmp_path / "run" / "metrics.json").is_file()
    data = json.loads((tmp_path / "run" / "data.json").read_text())
    assert "rejected" in data["images"]


@pytest.mark.slow
@pytest.mark.parametrize("tests", [True, False])
def test_the_command_that_is_printed_runs(
    project, tmp_path, tests, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(project, "p")
    if not tests:
        with Project("p").store.writing() as db:
            db.execute("UPDATE image SET state = 'leak' WHERE origin = 'test'")
        apply("p", reporter=SILENT)
    out = "sets of herbs"
    assert verb("export", "p", "--format", "sets", "--out", out) == 0
    said = capsys.readouterr().out
    line = next(x for x in said.splitlines() if x.startswith("train on it: "))
    words = shlex.split(line.removeprefix("train on it: "))
    assert words[:2] == ["fgkeras", "train"]
    assert ("csv:sets of herbs/training.csv" in words) == tests
    assert main([*words[1:], "--out", "run", "--quiet"]) == 0
    assert pathlib.Path("run", "metrics.json").is_file()


def test_sets_go_on_where_they_were_killed(project, tmp_path):
    export(project, tmp_path / "whole", "sets", reporter=SILENT)

    class Kill(type(SILENT)):
        def bar(self, title, total=None):
            del title, total

            def told(done, total):
                if done == 3:
                    raise KeyboardInterrupt

            return contextlib.nullcontext(told)

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        export(project, out, "sets", reporter=Kill())
    assert not (out / "accepted.csv").exists()
    export(project, out, "sets", reporter=SILENT)
    assert tree(out) == tree(tmp_path / "whole")
    export(project, out, "sets", reporter=SILENT)
    assert tree(out) == tree(tmp_path / "whole")


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_records_hold_the_same_pictures(project, tmp_path):
    found = export(project, tmp_path / "r", "records", reporter=SILENT)
    for name, counts in (
        ("training", {"train": found["accepted"], "test": found["test"]}),
        ("rejected", {"all": found["rejected"]}),
    ):
        source = fgkeras.data.open(f"records:{tmp_path / 'r' / name}")
        assert {k: len(v) for k, v in source.splits.items()} == counts
    source = fgkeras.data.open(f"records:{tmp_path}/r/training")
    listed = fgkeras.data.open(
        f"csv:{Project(project).sets(1) / 'training.csv'}"
    )

    def pixels(of):
        split = of.split("train")
        return sorted(
            (label, decode(of.read(name)).tobytes())
            for name, label in zip(split.ids, split.labels, strict=True)
        )

    assert pixels(source) == pixels(listed)
    assert np.array_equal(source.class_names, listed.class_names)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "label-studio"])
def test_a_file_never_takes_the_place_of_something_else(
    project, tmp_path, format_
):
    for out in (tmp_path, tmp_path / "store.sqlite3"):
        with pytest.raises(ValueError, match="is one file"):
            export(project, out, format_, reporter=SILENT)
    ending = {"jsonl": "jsonl", "csv": "csv", "label-studio": "json"}[format_]
    (tmp_path / "mine").write_text("mine")
    (tmp_path / f"link.{ending}").symlink_to(tmp_path / "mine")
    with pytest.raises(ValueError, match="a link"):
        export(project, tmp_path / f"link.{ending}", format_, reporter=SILENT)
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_of_something_else_is_refused(project, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="which holds something else"):
        export(project, tmp_path, "sets", reporter=SILENT)
    with pytest.raises(ValueError, match="which is a file"):
        export(project, tmp_path / "notes.txt", "sets", reporter=SILENT)
    out = tmp_path / "other"
    export(project, out, "sets", reporter=SILENT)
    mark = json.loads((out / "export.json").read_text()) | {"number": 7}
    (out / "export.json").write_text(json.dumps(mark))
    with pytest.raises(ValueError, match="which holds other sets"):
        export(project, out, "sets", reporter=SILENT)


def test_a_changed_picture_is_not_exported(project, tmp_path):
    shutil.copytree(project, tmp_path / "copy")
    kept = sorted((tmp_path / "copy" / "images").rglob("*.*g"))
    for path in kept:
        path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ValueError, match="have changed since"):
        export(tmp_path / "copy", tmp_path / "out", "sets", reporter=SILENT)
    assert not (tmp_path / "out" / "accepted.csv").exists()


def test_misuse_is_refused(project, tmp_path):
    with pytest.raises(ValueError, match="format='xml'"):
        export(project, tmp_path / "a", "xml", reporter=SILENT)
    with pytest.raises(ValueError, match="format='sets'"):
        import_(project, tmp_path, "sets", reporter=SILENT)
    with pytest.raises(ValueError, match="where there is nothing"):
        import_(project, tmp_path / "none.csv", "csv", reporter=SILENT)
    (tmp_path / "a.jsonl").write_text("")
    with pytest.raises(ValueError, match="labeller='Ada'"):
        import_(
            tmp_path / "n", tmp_path / "a.jsonl", labeller="Ada",
            reporter=SILENT,
        )  # fmt: skip
    with pytest.raises(ValueError, match="A project is a folder"):
        import_(tmp_path / "n", tmp_path / "a.jsonl", "csv", reporter=SILENT)
    fresh = tmp_path / "fresh"
    pictured_project(fresh, rounds=0).close()
    for format_ in ("sets", "records"):
        with pytest.raises(ValueError, match="where nothing was"):
            export(fresh, tmp_path / "out", format_, reporter=SILENT)
    assert set(EXPORTS) >= {"jsonl", "sets", "records"}
