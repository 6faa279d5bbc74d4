"""Metric runs end to end: train, report, evaluate, export, resume."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import embedding_model
from fgkeras.models import load_model
from fgkeras.runs.embedding.training_data import TrainingFeatures
from fgkeras.training import TripletRounds
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

FLORA = "flora:species=6,images=16,test=6,imbalance=2,size=32,seed=3"
SMALL = {
    "data.source": FLORA,
    "data.size": 32,
    "data.batch_size": 12,
    "method.dim": 8,
    "method.triplets": 4,
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 20,
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def run(out, **overrides):
    names = {k.replace("__", "."): v for k, v in overrides.items()}
    config = fitting({**SMALL, **names})
    return train(config, out, reporter=SILENT)


@pytest.mark.slow
def test_closed_set_run_is_a_classifier_too(tmp_path, monkeypatch):
    passes, embeddings = [], TrainingFeatures.embeddings

    def counted(data, embedder):
        passes.append(embedder)
        return embeddings(data, embedder)

    monkeypatch.setattr(TrainingFeatures, "embeddings", counted)
    folder, metrics = run(tmp_path / "a", method__name="triplet-a")
    # One for each of two epochs' triplets; anchors start from the first.
    assert len(passes) == 2
    assert metrics["closed_set"]
    assert metrics["retrieval"]["num_queries"] == metrics["num_images"] == 36
    assert 0 <= metrics["clustering"]["nmi"] <= 1
    page = (folder / "report.html").read_text()
    assert "Recall@1" in page
    with np.load(folder / "embeddings.npz") as saved:
        lengths = np.linalg.norm(saved["embeddings"], axis=1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-5)
    again, _ = evaluate(folder.path, reporter=SILENT)
    assert again["retrieval"] == metrics["retrieval"]
    assert again["top1"] == metrics["top1"]
    saved = export(folder.path, tmp_path)
    photo = tmp_path / "photo.png"
    keras.utils.save_img(photo, np.full((32, 32, 3), 90))
    ours, served = (predict(m, [photo])[0] for m in (folder.path, saved))
    assert ours["classes"] == served["classes"]
    np.testing.assert_allclose(ours["scores"], served["scores"], atol=1e-5)


@pytest.mark.slow
def test_unseen_classes_are_tested_by_retrieval_alone(tmp_path):
    folder, metrics = run(
        tmp_path / "b",
        method__name="hdml-npair",
        data__classes="0:3",
        data__test_classes="3:6",
        data__test_split="*",
    )
    assert not metrics["closed_set"]
    assert "top1" not in metrics
    assert metrics["num_classes"] == 3
    classes = folder.read_json("classes.json")
    assert not set(classes["class_names"]) & set(classes["test_class_names"])
    assert "Embedding of unseen classes" in (folder / "report.html").read_text()
    other, path = evaluate(
        folder.path, data=FLORA, split="test", reporter=SILENT
    )
    assert path != folder.path
    assert other["num_classes"] == 6
    # The exported part is the embedder with a head; nothing of HDML is left.
    model = load_model(folder / "model.keras")
    assert [x.name for x in model.layers[1:]] == [
        "backbone",
        "pooling",
        "embedding",
        "head",
    ]
    assert embedding_model(model).output_shape == (None, 8)


class StopAt:
    """Interrupts the drawing of the n-th round of triplets."""

    def __init__(self, number):
        self.number, self.draw = number, TripletRounds._draw

    def __call__(self, rounds, number):
        if number == self.number:
            raise KeyboardInterrupt
        return self.draw(rounds, number)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_stopped_run_ends_with_the_same_weights(tmp_path, monkeypatch, mode):
    options = {
        "method__name": "triplet-m",
        "train__mode": mode,
        "method__resample_steps": 3,
        "train__epochs": 3,
        "data__input": "disk",
    }
    run(tmp_path / "whole", **options)
    stop = StopAt(2)
    with monkeypatch.context() as patch:
        patch.setattr(TripletRounds, "_draw", lambda r, n: stop(r, n))
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "cut", **options)
    run(tmp_path / "cut", **options)
    one, two = (
        load_model(tmp_path / name / "model.keras") for name in ("whole", "cut")
    )
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.slow
def test_rejected_images_are_used_as_negatives(tmp_path):
    from fgkeras.data.open import open as open_source

    source = open_source(FLORA)
    folder = tmp_path / "rejected" / source.class_names[1]
    folder.mkdir(parents=True)
    for i in source.split("test").ids[:4]:
        (folder / f"{i.replace('/', '_')}.png").write_bytes(source.read(i))
    made, _ = run(
        tmp_path / "run",
        method__name="triplet-hn",
        method__rejected=f"folder:{tmp_path / 'rejected'}",
        train__mode="finetune",
        train__epochs=1,
    )
    with np.load(made / "checkpoints" / "triplets.npz") as file:
        triplets = file["triplets"]
    count = sum(made.read_json("classes.json")["train_counts"])
    assert triplets.max() >= count
    json.dumps(made.read_json("metrics.json"))


@pytest.mark.parametrize("pooling", ["kernel", "fully_connected"])
def test_frozen_features_cannot_learn_their_pooling(tmp_path, pooling):
    with pytest.raises(ValueError, match=f"model.pooling='{pooling}'"):
        run(tmp_path / "p", method__name="lifted", model__pooling=pooling)


def test_bad_classes(tmp_path):
    with pytest.raises(ValueError, match="0 to the number of classes, 6"):
        run(tmp_path / "x", method__name="lifted", data__classes="0:9")
    with pytest.raises(ValueError, match="1 of 3 test classes are among"):
        run(
            tmp_path / "y",
            method__name="lifted",
            data__classes="0:4",
            data__test_classes="3:6",
        )


@pytest.mark.slow
def test_two_replicas_train_like_one_device(tmp_path):
    options = {
        **SMALL,
        "method.name": "multi-similarity",
        "train.mode": "finetune",
        "model.backbone": "squeezenet",
        "train.optimizer": "sgd",
        "train.learning_rate": 0.01,
        "data.augmentation": "none",
        "data.flip": False,
        "train.epochs": 1,
    }
    used = fitting(options).asked
    for name, more in {
        "one": [],
        "two": ["train.strategy=mirrored", "train.replicas=2"],
    }.items():
        sets = [f"--set={k}={v}" for k, v in used.items()]
        sets += [f"--set={text}" for text in more]
        subprocess.run(
            [
                *(sys.executable, "-m", "fgkeras", "train"),
                *("--quiet", "--out", str(tmp_path / name), *sets),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    one, two = (
        load_model(tmp_path / n / "model.keras").get_layer("backbone")
        for n in ("one", "two")
    )
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_allclose(
            a.numpy(), b.numpy(), atol=1e-5, err_msg=a.path
        )


def test_a_restart_that_cannot_train_leaves_the_run(tmp_path):
    from fgkeras.runs.folder import RunFolder

    options = {"data.source": "flora:species=4,images=6,test=1,size=32"}
    config = Config.read(changes={**options, "method.name": "triplet"})
    RunFolder(tmp_path / "run").start(config)
    (tmp_path / "run" / "model.keras").write_text("old")
    with pytest.raises(ValueError, match="one of each class"):
        train(config, tmp_path / "run", restart=True, reporter=SILENT)
    assert (tmp_path / "run" / "model.keras").exists()
