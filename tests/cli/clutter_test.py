"""A folder with every kind of clutter trains in one command."""

import json
import os

import pytest

from fgkeras.cli.main import main
from tests.data import pictures
from tests.data.sources.problems_test import CLUTTER
from tests.data.sources.problems_test import PROBLEMS
from tests.data.sources.problems_test import add_problems


@pytest.mark.slow
def test_a_folder_full_of_clutter_trains(tmp_path, capsys):
    names = [f"{c}/{i}.jpg" for c in ("elm", "oak") for i in range(6)]
    root = pictures.write_tree(tmp_path / "x", [*names, *CLUTTER])
    out = tmp_path / "run"
    command = ["train", "--data", f"folder:{root}", "--out", str(out)]
    command += ["--backbone", "small_cnn", "--size", "32", "--epochs", "1"]
    command += ["--mode", "frozen", "--quiet"]
    add_problems(root)
    assert main(command) == 1
    text = capsys.readouterr().err
    assert all(name in text for name in PROBLEMS)
    assert not os.path.exists(out)
    # By their names all is well with these; they are found as they are read.
    damaged = ["elm/cut.jpg", "oak/empty.jpg", "oak/text.jpg"]
    ignored = ["--ignore", "*.mov,*.CR2,*.heic,loose.jpg,oak/[glpz]*.jpg"]
    (root / "elm" / "cut.jpg").write_bytes(pictures.jpeg()[:-200])
    (root / "oak" / "empty.jpg").write_bytes(b"")
    (root / "oak" / "text.jpg").write_text("<html>")
    assert main([*command, *ignored]) == 1
    text = capsys.readouterr().err
    assert f"{len(damaged)} that are not" in text
    assert all(name in text for name in damaged)
    assert not os.path.exists(out)
    assert main([*command, "--skip-bad"]) == 0
    metrics = json.loads((out / "metrics.json").read_text())
    refused = [name for name, _ in metrics["refused"]]
    assert sorted(set(refused)) == sorted([*PROBLEMS, *damaged])
    assert main(["evaluate", str(out), "--quiet"]) == 0
