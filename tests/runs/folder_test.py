"""A run's folder: one training at a time, and what has happened to it."""

import errno
import gc
import json
import os
import subprocess
import sys
import threading

import keras
import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.runs.folder import RunFolder
from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock
from fgkeras.storage import whole_file
from fgkeras.training.reporter import SILENT

TINY = {
    "data.source": "flora:species=3,images=6,test=2,size=16",
    "data.size": 16,
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}


@pytest.mark.slow
def test_two_trainings_in_one_folder_are_refused(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    config = Config.read(changes=TINY)
    with (
        FolderLock(out),
        pytest.raises(ValueError, match=f"(?s)One process.*{os.getpid()}"),
    ):
        train(config, out, reporter=SILENT)
    assert not list(out.iterdir())
    # A lock that nobody holds is nothing.
    assert train(config, out, reporter=SILENT).metrics


def test_what_has_happened_to_a_run(tmp_path):
    config = Config.read(changes=TINY)
    folder = train(config, tmp_path, until=("head", 1), reporter=SILENT).folder
    assert not folder.finished
    assert [e["event"] for e in folder.events()] == ["begun", "stopped"]
    train(config, tmp_path, reporter=SILENT)
    events = [e["event"] for e in folder.events()]
    assert events[2:] == ["begun", "stage ended", "finished"]
    assert folder.finished
    # The end is looked up, not made again.
    train(config, tmp_path, reporter=SILENT)
    assert [e["event"] for e in folder.events()] == events


def test_a_run_killed_while_its_results_were_written_goes_on(tmp_path):
    config = Config.read(changes=TINY)
    folder, metrics = train(config, tmp_path, reporter=SILENT)
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    (tmp_path / "journal.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    (tmp_path / "report.html").unlink()
    assert not folder.finished
    again = train(config, tmp_path, reporter=SILENT).metrics
    assert (tmp_path / "report.html").exists()
    assert {**again, "seconds": 0} == {**metrics, "seconds": 0}
    assert folder.finished


def test_a_finished_run_of_a_version_without_a_journal(tmp_path):
    train(Config.read(changes=TINY), tmp_path, reporter=SILENT)
    (tmp_path / "journal.jsonl").unlink()
    assert RunFolder(tmp_path).finished


def test_a_lock_dies_with_its_process(tmp_path):
    code = (
        "import os, sys; from fgkeras.runs.folder import RunFolder\n"
        "with RunFolder(sys.argv[1]).taken(): os._exit(9)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")])
    assert ran.returncode == 9
    with RunFolder(tmp_path / "run").taken():
        pass


def test_a_training_that_is_refused_leaves_no_folder(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        RunFolder(tmp_path / "new" / "run").taken(),
    ):
        _ = 1 / 0
    assert not (tmp_path / "new" / "run").exists()


@pytest.mark.slow
def test_restart_begins_another_journal(tmp_path):
    train(Config.read(changes=TINY), tmp_path, reporter=SILENT)
    config = Config.read(changes={**TINY, "train.epochs": 1})
    folder = train(config, tmp_path, restart=True, reporter=SILENT).folder
    assert [e["event"] for e in folder.events()] == [
        "begun",
        "stage ended",
        "finished",
    ]
    assert json.loads((tmp_path / "config.json").read_text())["asked"]


@pytest.mark.parametrize("kind", ["part", "writing", "lock", "checkpoints"])
def test_a_run_killed_before_its_config_goes_on(tmp_path, kind):
    """What a kill between the folder and config.json leaves is no stranger."""
    names = {
        "part": ".config.json.host-1-0.part",
        "writing": "config.json.writing",
        "lock": ".lock",
    }
    if kind == "checkpoints":
        (tmp_path / "checkpoints").mkdir()
    else:
        (tmp_path / names[kind]).write_text("")
    assert not RunFolder(tmp_path).check(Config.read(changes=TINY))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files"):
        RunFolder(tmp_path).check(Config.read(changes=TINY))


def test_parts_of_a_process_that_died_go_when_the_run_goes_on(tmp_path):
    folder = RunFolder(tmp_path)
    folder.start(Config.read(changes=TINY))
    with whole_file(tmp_path / "report.html") as file:
        part = file.name
    # Of the same machine, by a process that is no more.
    dead = part.replace(f"-{os.getpid()}-", "-4194999-")
    for path in (dead, dead.replace("/.report", "/checkpoints/.all.npz")):
        with open(path.replace("all.npz.html", "all.npz"), "w") as file:
            file.write("half")
    (tmp_path / ".mine.part").write_text("mine")
    folder.start(Config.read(changes=TINY))
    left = [p.name for p in tmp_path.rglob("*") if p.name.endswith(".part")]
    assert left == [".mine.part"]


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").write_text("")
    for path in (tmp_path / "out", tmp_path / "out" / "run"):
        with pytest.raises(ValueError, match="goes into a folder.*out is none"):
            RunFolder(path).check(Config.read(changes=TINY))


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match="that may be written.*may not"):
        RunFolder(tmp_path / "run").check(Config.read(changes=TINY))


@pytest.mark.slow
def test_a_full_disk_and_the_same_command_once_there_is_room(
    tmp_path, monkeypatch
):
    """At every file that a training writes."""
    config = Config.read(changes=TINY)
    calls, sync = [], os.fsync
    # The features are kept, else the first training writes more than the next.
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    whole = train(config, tmp_path / "whole", reporter=SILENT).metrics
    ours = threading.get_ident()

    def count_ours(file):
        # The time is kept by a thread of its own, as often as it takes.
        if threading.get_ident() == ours:
            calls.append(file)

    monkeypatch.setattr(os, "fsync", count_ours)
    train(config, tmp_path / "counted", reporter=SILENT)
    count = len(calls)
    for last in range(1, count, 4):
        calls.clear()

        def full(file, last=last):
            count_ours(file)
            if len(calls) >= last:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        out = tmp_path / str(last)
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(DiskRefusal, match=rf"{out}.*Make room"):
            train(config, out, reporter=SILENT)
        monkeypatch.setattr(os, "fsync", sync)
        again = train(config, out, reporter=SILENT).metrics
        assert {**again, "seconds": 0} == {**whole, "seconds": 0}
        names = {p.relative_to(out) for p in out.rglob("*")}
        assert not [name for name in names if name.suffix == ".part"]


@pytest.mark.slow
def test_no_model_outlives_its_training(tmp_path):
    """What Python does not see of a model is 10 MB of every training."""
    gc.collect()
    before = {id(thing) for thing in gc.get_objects()}
    gc.disable()
    try:
        train(Config.read(changes=TINY), tmp_path, reporter=SILENT)
        left = [
            thing.name
            for thing in gc.get_objects()
            if isinstance(thing, keras.Model) and id(thing) not in before
        ]
    finally:
        gc.enable()
    assert not left


def test_a_journal_whose_header_was_cut_goes_on(tmp_path):
    (tmp_path / "journal.jsonl").write_text('{"journal": "a ru')
    folder = RunFolder(tmp_path)
    assert folder.events() == []
    folder.note("begun")
    assert [e["event"] for e in folder.events()] == ["begun"]
