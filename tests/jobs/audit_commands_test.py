"""The commands of an audit: as they are printed, and run."""

import shlex

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.jobs import audit
from fgkeras.jobs.audit_advice import advise
from fgkeras.jobs.audit_commands import told_by_class_means
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


def test_class_means_tell_an_image_without_itself():
    rng = np.random.default_rng(0)
    labels = np.array([5, 5, 5, 2, 2, 9, 9, 9, 9, 7])
    x = rng.normal(size=(10, 6)) + 0.8 * rng.normal(size=(10, 6))[labels % 5]
    right = 0
    for i in range(10):
        best, told = -2.0, None
        for name in np.unique(labels):
            own = [
                x[j] / np.linalg.norm(x[j])
                for j in range(10)
                if labels[j] == name and j != i
            ]
            if own:
                mean = np.mean(own, axis=0)
                near = mean @ x[i] / np.linalg.norm(mean) / np.linalg.norm(x[i])
                if near > best:
                    best, told = near, name
        right += told == labels[i]
    assert told_by_class_means(x, labels) == pytest.approx(right / 10)
    assert 0 < right < 10


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
