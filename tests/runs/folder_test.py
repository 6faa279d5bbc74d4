"""A run's folder: one training at a time, and what has happened to it."""

import json
import os
import subprocess
import sys

import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.runs.folder import RunFolder
from fgkeras.storage import FolderLock
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
