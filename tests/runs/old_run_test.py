"""A run that is replaced is taken away, and nothing that is not its own."""

import hashlib
import json
import pathlib
import shutil

import pytest

from fgkeras.config import Config
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.old_run import FILES
from fgkeras.runs.old_run import RESULTS
from fgkeras.runs.old_run import remove_run

RESULT = {"num_images": 3, "data": "folder:photos", "split": "test"}


def planted(path, text="mine"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def contents(root):
    """Every file below a folder, links as what they point to."""
    return {
        str(p.relative_to(root)): p.read_bytes() if p.is_file() else None
        for p in sorted(root.rglob("*"))
    }


@pytest.fixture
def run(tmp_path):
    """A run folder as an older training left it, with all of its parts."""
    folder = RunFolder(tmp_path / "run")
    folder.start(Config())
    for name in FILES:
        if name != "config.json":
            planted(folder / name, "{}")
    for name in ("head.npz", "all.npz", "all.npz.writing", "triplets.npz"):
        planted(folder / "checkpoints" / name)
    for kind, names in (
        ("saved_model", ("saved_model.pb", "variables/v.index")),
        ("litert", ("model.tflite",)),
        ("onnx", ("model.onnx",)),
    ):
        version = folder / kind / "1"
        lines = []
        for name in names:
            data = planted(version / name, f"of {name}").read_bytes()
            lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        planted(version / "SHA256SUMS", "".join(lines))
    place = folder / "evaluations" / "photos_test-12345678"
    planted(place / "metrics.json", json.dumps(RESULT))
    planted(place / "report.html")
    return folder


@pytest.mark.parametrize("relative", [False, True])
def test_nothing_of_the_old_run_is_left(run, relative, monkeypatch):
    monkeypatch.chdir(run.path.parent)
    remove_run(pathlib.Path(run.path.name) if relative else run.path)
    assert contents(run.path) == {"checkpoints": None}


def test_files_of_others_stay(run, tmp_path):
    version = run / "saved_model" / "1"
    mine = [
        planted(run / "notes.txt"),
        planted(run / "checkpoints" / "mine.txt"),
        planted(run / "checkpoints" / "precious.npz"),
        planted(run / "evaluations" / "by_hand" / "report.html"),
        planted(run / "evaluations" / "photos_test-12345678" / "mine.txt"),
        planted(run / "saved_model" / "labels.txt"),
        planted(version / "mine.txt"),
        planted(version / "variables" / "mine.txt"),
    ]
    outside = planted(tmp_path / "victim.txt")
    with open(version / "SHA256SUMS", "a") as file:
        file.write("0  ../../../victim.txt\n")
    (version / "link").symlink_to(outside)
    remove_run(run.path)
    assert all(path.read_text() == "mine" for path in mine)
    assert outside.read_text() == "mine"
    assert not (run / "metrics.json").exists()
    assert not (version / "saved_model.pb").exists()


@pytest.mark.parametrize(
    "name",
    ["checkpoints", "evaluations", "saved_model", "onnx", "metrics.json"],
)
def test_links_are_not_followed(run, tmp_path, name):
    other = tmp_path / "other"
    (run / name).rename(other)
    (run / name).symlink_to(other)
    planted(tmp_path / "more" / "all.npz")
    before = contents(run.path), contents(tmp_path)
    with pytest.raises(ValueError, match=f"{name}, which is a link"):
        run.start(Config(), restart=True)
    assert (contents(run.path), contents(tmp_path)) == before


@pytest.mark.parametrize(
    "config",
    [
        "{}",
        '{"data": {}, "model": {}}',
        '{"data": {}, "model": {"layers": 3}, "loss": {}, "train": {}}',
        "[1]",
        "no json",
        None,
    ],
)
@pytest.mark.parametrize("restart", [False, True])
def test_a_folder_of_others_is_refused_whole(tmp_path, config, restart):
    for name in ("metrics.json", "checkpoints/all.npz", "model.keras"):
        planted(tmp_path / "x" / name)
    if config is not None:
        planted(tmp_path / "x" / "config.json", config)
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="Choose another"):
        RunFolder(tmp_path / "x").start(Config(), restart=restart)
    assert contents(tmp_path) == before


def test_an_evaluation_is_written_over_no_other_file(run, tmp_path):
    from fgkeras.runs.evaluate import place_of

    planted(tmp_path / "x" / "report.html")
    for out in (tmp_path / "x", run.path):
        with pytest.raises(ValueError, match=r"report\.html|which is a run"):
            place_of(run, None, out)
    # Nor into a run that has no results yet.
    training = shutil.copytree(run.path, tmp_path / "training")
    for name in RESULTS:
        (training / name).unlink(missing_ok=True)
    with pytest.raises(ValueError, match="which is a run"):
        place_of(run, None, training)
    earlier = run / "evaluations" / "photos_test-12345678"
    assert place_of(run, None, earlier) == earlier
    victim = planted(tmp_path / "victim.npz")
    (earlier / "predictions.npz").symlink_to(victim)
    with pytest.raises(ValueError, match=r"predictions\.npz is a link"):
        place_of(run, None, earlier)
    planted(tmp_path / "y" / "metrics.json", '{"num_images": 3}')
    for out in (tmp_path / "y", victim):
        with pytest.raises(ValueError, match="something else|is a file"):
            place_of(run, None, out)
    assert victim.read_text() == "mine"
