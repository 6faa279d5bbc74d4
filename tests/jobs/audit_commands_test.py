"""The commands of an audit: as they are printed, and run."""

import shlex

import numpy as np
import pytest
from PIL import Image

from fgkeras.cli.main import main
from fgkeras.jobs import audit
from fgkeras.jobs.audit_advice import advise
from fgkeras.jobs.audit_commands import named_splits
from fgkeras.jobs.audit_commands import train_commands
from fgkeras.models.backbones import backbone
from fgkeras.training.reporter import SILENT


def words_of(*arguments, **options):
    found = train_commands(*arguments, **options)
    return [shlex.split(row["command"]) for row in found]


def test_commands_quote_what_a_shell_would_split():
    first = train_commands("folder:my photos", "mobilenet_v2", [], [])[0]
    assert "--data 'folder:my photos' --backbone" in first["command"]


def test_a_command_leaves_out_what_the_audit_left_out():
    (words,) = words_of(
        "x", "small_cnn", [], [], skip_bad=True, ignore=["*.mov", "my old"]
    )
    assert words[4:7] == ["--skip-bad", "--ignore", "*.mov,my old"]


def test_the_first_is_frozen_and_the_second_tunes_the_body():
    first, second = words_of("x", "mobilenet_v2", [], ["w.h5"], size=160)
    assert first[2:] == [
        "--data", "x", "--backbone", "mobilenet_v2", "--weights", "w.h5",
        "--mode", "frozen",
    ]  # fmt: skip
    assert second[:-4] == first[:-2]
    assert second[-4:] == [
        "--set", "train.head_epochs=60", "--epochs", "10",
    ]  # fmt: skip


def test_without_weights_those_of_keras_or_none():
    first, _ = words_of("x", "resnet50", [], [])
    assert first[6:] == ["--weights", "imagenet", "--mode", "frozen"]
    (words,) = words_of("x", "small_cnn", [], [])
    assert words == ["fgkeras", "train", "--data", "x", "--backbone",
                     "small_cnn"]  # fmt: skip


def test_a_size_is_named_where_it_is_not_the_usual_one():
    for size, named in ((160, False), (96, True), (None, False)):
        first = words_of("x", "mobilenet_v2", [], ["w.h5"], size=size)[0]
        assert ("--size" in first) == named
    # What the recipe chose is not named twice.
    rows = [
        {"name": "w", "path": "w.h5", "size": s, "value": v, "low": v,
         "high": v} for s, v in ((160, 0.3), (224, 0.1))
    ]  # fmt: skip
    first = words_of("x", "mobilenet_v2", advise(rows), ["w.h5"], size=224)[0]
    assert first.count("--size") == 1


def test_minutes_are_those_of_images_and_epochs():
    first, second = train_commands(
        "x", "mobilenet_v2", [], ["w.h5"], images=(3000, 1000), rate=10.0
    )
    assert first["minutes"] == 7  # 400 s and what is around.
    assert second["minutes"] == 157  # And 10 epochs of 3 x 300 s.
    for row in train_commands("x", "mobilenet_v2", [], ["w.h5"]):
        assert row["minutes"] is None


def test_classes_never_trained_on_are_embedded():
    recipe = advise([], [30, 3])
    assert recipe
    (words,) = words_of("x", "mobilenet_v2", recipe, ["w.h5"], unseen=True)
    assert "--method" in words
    assert "--loss" not in words


def test_several_weights_of_which_none_was_chosen():
    first, _ = words_of("x", "mobilenet_v2", [], ["a.h5", "b.h5"])
    assert first[6:] == ["--weights", "a.h5", "--mode", "frozen"]


def test_a_body_of_ones_own_has_no_weights_of_keras():
    (words,) = words_of("x", "mine:body", [], [])
    assert words[-2:] == ["--backbone", "mine:body"]


def test_a_guess_is_of_classes_that_are_trained_on():
    options = {"told": 0.53}
    first = train_commands("x", "mobilenet_v2", [], ["w.h5"], **options)[0]
    assert "53 %" in first["why"]
    (row,) = train_commands(
        "x", "mobilenet_v2", [], ["w.h5"], unseen=True, **options
    )
    assert row["why"] == ""


def test_unseen_classes_without_weights_are_embedded_too():
    (words,) = words_of("x", "small_cnn", [], [], unseen=True)
    assert words[-2] == "--method"


@pytest.mark.parametrize(
    ("names", "train", "found"),
    [
        (["all"], "all", ([], None)),
        (["train"], "train", ([], None)),
        (["train", "val"], "train", ([], None)),
        (["train", "test"], "train", ([], "test")),
        (["train", "val", "test"], "train", ([], "test")),
        (["train", "night"], "train", (["data.test_split=night"], "night")),
        (
            ["day", "night"],
            "day",
            (["data.train_split=day", "data.test_split=night"], "night"),
        ),
        (["val"], "val", None),
        (["test"], "test", None),
    ],
)
def test_splits_are_found_as_a_training_finds_them(names, train, found):
    assert named_splits(names, train) == found


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (8, 8, 3)).astype("uint8")
    Image.fromarray(pixels).resize((32, 32)).save(path)


SETS = {
    "unsplit": ({"a": 6, "b": 6}, 2),
    "train and val": ({"train/a": 6, "train/b": 6, "val/a": 2, "val/b": 2}, 2),
    "val of others": ({"train/a": 6, "train/b": 6, "val/c": 2, "val/d": 2}, 0),
    "unseen": (
        {"train/a": 6, "train/b": 6, "test/c": 3, "test/d": 3},
        1,
    ),
    "partly unseen": (
        {"train/a": 6, "train/b": 6, "test/a": 3, "test/c": 3},
        0,
    ),
    "one class": ({"train/a": 6, "test/a": 3}, 0),
    "only val": ({"val/a": 6, "val/b": 6}, 0),
    "one of each": ({"train/a": 1, "train/b": 1, "test/a": 1, "test/b": 1}, 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_commands_of_sets_as_people_have_them_run(name, tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    folders, count = SETS[name]
    for i, (folder, images) in enumerate(folders.items()):
        for k in range(images):
            picture(tmp_path / "my photos" / folder / f"{k}.png", 10 * i + k)
    backbone("small_cnn", (32, 32, 3)).save_weights("body.weights.h5")
    found, _ = audit(
        "folder:my photos",
        sources=["body.weights.h5"],
        backbone="small_cnn",
        size=32,
        out=tmp_path / "a",
        reporter=SILENT,
    )
    assert len(found["commands"]) == count
    if not count:
        assert found["problems"]
    page = (tmp_path / "a" / "audit.html").read_text("utf-8")
    assert ("Start with" in page) == bool(count)
    for number, row in enumerate(found["commands"]):
        words = shlex.split(row["command"].replace("--epochs 10", ""))
        words = [w.replace("head_epochs=60", "head_epochs=1") for w in words]
        words += ["--epochs", "1", "--out", str(tmp_path / f"run{number}")]
        assert main([*words[1:], "--quiet"]) == 0


@pytest.mark.slow
def test_the_commands_run_as_they_are_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / "body.weights.h5"
    backbone("small_cnn", (32, 32, 3)).save_weights(weights)
    found, _ = audit(
        "flora:species=4,images=12,imbalance=4,size=32",
        sources=[str(weights)],
        backbone="small_cnn",
        size=32,
        out=tmp_path / "a",
        reporter=SILENT,
    )
    assert len(found["commands"]) == 2
    for number, row in enumerate(found["commands"]):
        words = shlex.split(row["command"])
        assert "--loss" in words
        out = tmp_path / f"run{number}"
        assert main([*words[1:], "--out", str(out), "--quiet"]) == 0
        assert (out / "model.keras").exists()
    capsys.readouterr()
