"""The training job end to end on small flowers."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.data.cuts.ids import load_ids
from fgkeras.data.open import open as open_source
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.folder import RunFolder
from fgkeras.training.reporter import SILENT

FLORA = "flora:species=5,images=24,test=6,imbalance=4,size=32,seed=3"
SMALL = {
    "data.source": FLORA,
    "data.size": 32,
    "data.batch_size": 8,
    "model.backbone": "small_cnn",
    "model.dropout": 0.3,
    "train.epochs": 2,
    "loss.beta": 0.99,
    "evaluation.resamples": 50,
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    config = Config.read(changes=SMALL)
    out = tmp_path_factory.mktemp("runs") / "small"
    return train(config, out, reporter=SILENT)


@pytest.mark.parametrize("name", ["loss.beta", "stages.all.loss.beta"])
def test_a_beta_per_class_is_checked_before_anything_is_there(tmp_path, name):
    changes = {**SMALL, name: "0.9,0.99"}
    if name.startswith("stages"):
        changes["stages.all.tune"] = "all"
        del changes["loss.beta"]
    config = Config.read(changes=changes)
    with pytest.raises(ValueError, match="a list of 2 for 5 classes"):
        train(config, tmp_path / "run", reporter=SILENT)
    assert not (tmp_path / "run").exists()


def test_run_folder_is_complete(finished):
    folder, metrics = finished
    for name in (
        "config.json",
        "environment.json",
        "classes.json",
        "training_ids.txt",
        "history.csv",
        "metrics.json",
        "predictions.npz",
        "model.keras",
        "report.html",
    ):
        assert (folder / name).exists(), name
    assert metrics["num_images"] == 30
    # Too few for a momentum of 0.9: a seventh of the start would be left.
    assert metrics["batch_statistics"]["steps"] == 18
    assert metrics["batch_statistics"]["left"] == pytest.approx(0.9**18)
    assert "estimated anew" in (folder / "report.html").read_text()
    with np.load(folder / "predictions.npz") as saved:
        hits = (saved["logits"].argmax(1) == saved["labels"]).mean()
    assert metrics["top1"]["value"] == pytest.approx(hits)
    assert len((folder / "history.csv").read_text().splitlines()) == 3
    classes = folder.read_json("classes.json")
    source = open_source(FLORA)
    assert classes["train_counts"] == source.counts("train").tolist()
    ids = load_ids(folder / "training_ids.txt", source).split("train").ids
    assert list(ids) == list(source.split("train").ids)


@pytest.mark.slow
def test_evaluate_again_gives_the_same_numbers(finished):
    folder, metrics = finished
    again, _ = evaluate(folder.path, reporter=SILENT)
    assert again["top1"] == metrics["top1"]
    other, path = evaluate(folder.path, split="train", reporter=SILENT)
    assert path != folder.path
    assert other["num_images"] == sum(
        folder.read_json("classes.json")["train_counts"]
    )


def test_same_command_twice_returns_at_once(finished):
    folder, metrics = finished
    started = time.monotonic()
    _, again = train(Config.read(changes=SMALL), folder.path, reporter=SILENT)
    assert again == json.loads(json.dumps(metrics))
    assert time.monotonic() - started < 20


def test_another_config_does_not_touch_the_run(finished):
    folder, _ = finished
    other = Config.read(changes={**SMALL, "seed": 9})
    with pytest.raises(ValueError, match="seed: 0 there, 9 asked"):
        train(other, folder.path, reporter=SILENT)


@pytest.mark.slow
def test_export_and_predict_agree_with_the_run(finished, tmp_path):
    folder, _ = finished
    saved = export(folder.path, tmp_path)
    assert saved == tmp_path / "saved_model" / "1"
    source = open_source(FLORA)
    test = source.split("test")
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(5):
        (photos / f"{i}.jpg").write_bytes(source.read(test.ids[i]))
    (photos / "text.jpg").write_text("no image")
    a = predict(folder.path, [photos])
    b = predict(saved, [photos])
    assert [row["valid"] for row in a] == [True] * 5 + [False]
    for x, y in zip(a, b, strict=True):
        assert x["valid"] == y["valid"]
        assert x["classes"] == y["classes"]
        np.testing.assert_allclose(x["scores"], y["scores"], atol=1e-5)
    assert "reason" in a[-1]


@pytest.mark.slow
def test_frozen_features_and_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    config = Config.read(
        changes={**SMALL, "train.mode": "frozen", "train.epochs": 5}
    )
    _, first = train(config, tmp_path / "a", reporter=SILENT)
    cached = list((tmp_path / "cache" / "features").iterdir())
    assert len(cached) == 2
    _, second = train(config, tmp_path / "b", reporter=SILENT)
    assert first["top1"] == second["top1"]
    assert sorted((tmp_path / "cache" / "features").iterdir()) == sorted(cached)
    # The saved classifier computes what the head computed on features.
    evaluated, _ = evaluate(tmp_path / "a", reporter=SILENT)
    assert evaluated["top1"] == first["top1"]


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [2, 6])
def test_killed_run_ends_with_the_same_weights(tmp_path, seconds):
    options = {
        **SMALL,
        "train.epochs": 8,
        # 40 steps, too few for the batch statistics to arrive.
        "data.batch_size": 16,
        "data.augmentation": "random_resized_crop",
        "data.color": 0.5,
        "train.save_seconds": 0.2,
        "train.head_epochs": 2,
    }
    more = [f"--set={k}={v}" for k, v in options.items()]
    command = [sys.executable, "-m", "fgkeras", "train", *more]

    def start(out):
        return subprocess.Popen(
            [*command, "--out", str(out)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "FGKERAS_CACHE": str(tmp_path / "cache")},
        )

    whole = start(tmp_path / "whole")
    assert whole.wait() == 0, whole.stderr.read()
    cut = start(tmp_path / "cut")
    checkpoints = tmp_path / "cut" / "checkpoints"
    for _ in range(600):
        time.sleep(0.1)
        if (checkpoints / "all.npz").exists():
            break
    time.sleep(seconds / 4)
    os.kill(cut.pid, signal.SIGKILL)
    cut.wait()
    assert not (tmp_path / "cut" / "metrics.json").exists()
    again = start(tmp_path / "cut")
    assert again.wait() == 0, again.stderr.read()
    one = load_model(tmp_path / "whole" / "model.keras")
    two = load_model(tmp_path / "cut" / "model.keras")
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    metrics = json.loads((tmp_path / "cut" / "metrics.json").read_text())
    assert metrics["batch_statistics"]["steps"] == 40


@pytest.mark.slow
@pytest.mark.parametrize(
    ("replicas", "batch", "mode"),
    [(2, 8, "finetune"), (3, 6, "finetune"), (3, 129, "frozen")],
)
def test_any_number_of_test_images_suits_replicas(
    tmp_path, replicas, batch, mode
):
    options = {
        **SMALL,
        "data.source": "flora:species=5,images=7,test=5,size=32,seed=3",
        "model.backbone": "squeezenet",
        "data.batch_size": batch,
        "train.mode": mode,
        "train.epochs": 1,
        "train.strategy": "mirrored",
        "train.replicas": replicas,
    }
    sets = [f"--set={k}={v}" for k, v in options.items()]
    command = (sys.executable, "-m", "fgkeras", "train", "--quiet")
    subprocess.run([*command, "--out", str(tmp_path), *sets], check=True)
    with np.load(tmp_path / "predictions.npz") as saved:
        hits = saved["logits"].argmax(1) == saved["labels"]
    assert len(hits) == 25
    (row,) = RunFolder(tmp_path).history()
    assert row["val_accuracy"] == pytest.approx(hits.mean(), abs=1e-6)


@pytest.mark.slow
def test_two_replicas_train_like_one_device(tmp_path):
    options = {
        **SMALL,
        "model.backbone": "squeezenet",
        "model.dropout": 0.0,
        "train.optimizer": "sgd",
        "train.learning_rate": 0.01,
        "data.augmentation": "none",
        "data.flip": False,
        "train.epochs": 1,
        "train.weight_decay": 0.01,
    }
    logits = []
    for name, more in {
        "one": [],
        "two": ["train.strategy=mirrored", "train.replicas=2"],
    }.items():
        sets = [f"--set={k}={v}" for k, v in options.items()]
        sets += [f"--set={text}" for text in more]
        subprocess.run(
            [
                *(sys.executable, "-m", "fgkeras", "train"),
                *("--quiet", "--out", str(tmp_path / name), *sets),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with np.load(tmp_path / name / "predictions.npz") as saved:
            logits.append(saved["logits"])
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-4)
    one = load_model(tmp_path / "one" / "model.keras")
    two = load_model(tmp_path / "two" / "model.keras")
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-5)
