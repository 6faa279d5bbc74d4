"""Runs with a memory, with draws, and by parents: the end is the same."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.training.reporter import SILENT

SMALL = {
    "data.source": "flora:species=6,images=10,test=4,imbalance=1,size=32",
    "data.size": 32,
    "data.batch_size": 12,
    "method.dim": 8,
    "train.mode": "frozen",
    "train.epochs": 3,
    "evaluation.resamples": 0,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"method.name": "multi-similarity", "method.memory": 48},
        {"method.name": "triplet2-dws"},
        {
            "method.name": "margin",
            "method.memory": 24,
            "method.positives": "genus",
            "method.options": "num_boundaries=1",
            "loss.beta": 0.9,
        },
    ],
)
def test_stopped_run_ends_with_the_same_weights(tmp_path, monkeypatch, changes):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    config = Config.read(changes={**SMALL, **changes}).resolved()
    train(config, tmp_path / "whole", reporter=SILENT)
    for until in (("embedding", 1), ("embedding", 2), None):
        train(config, tmp_path / "cut", until=until, reporter=SILENT)
    one, two = (
        load_model(tmp_path / n / "model.keras") for n in ("whole", "cut")
    )
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)


@pytest.mark.slow
def test_stages_with_a_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    changes = {
        "method.name": "margin",
        "method.options": "num_boundaries=1",
        "method.memory": 24,
        "stages.first.tune": "head",
        "stages.first.train.epochs": 1,
        "stages.second.tune": "all",
        "stages.second.train.epochs": 1,
    }
    used = {k: v for k, v in SMALL.items() if not k.startswith("train.")}
    config = Config.read(changes={**used, **changes}).resolved()
    _, metrics = train(config, tmp_path / "run", reporter=SILENT)
    assert metrics["retrieval"]["num_queries"] == 24


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"method.memory": 16384}, "for 60 images.*Set method.memory=48"),
        ({"method.memory": 49}, "for 60 images.*Set method.memory=48"),
        (
            {"method.memory": 60, "data.batch_size": 40},
            "for 60 images with data.batch_size=40. Leave it out",
        ),
        (
            {"method.memory": 24, "stages.few.data.cut": "cap:5"},
            "memory=24 for 30 images.*Set method.memory=18",
        ),
    ],
)
def test_a_memory_of_more_than_the_other_images_is_refused(
    tmp_path, changes, match
):
    names = {**SMALL, "method.name": "lifted", **changes}
    if "stages.few.data.cut" in names:
        names = {k: v for k, v in names.items() if not k.startswith("train.")}
        names["stages.few.tune"] = "head"
    config = Config.read(changes=names).resolved()
    with pytest.raises(ValueError, match=match):
        train(config, tmp_path / "run", reporter=SILENT)


def test_a_memory_is_held_against_the_images_of_a_fold():
    changes = {k: v for k, v in SMALL.items() if not k.startswith("data.")}
    changes |= {"method.name": "lifted", "data.batch_size": 8}
    config = Config.read(changes={**changes, "method.memory": 9}).resolved()
    features = np.random.default_rng(0).normal(size=(16, 6))
    with pytest.raises(ValueError, match="memory=9 for 16 images"):
        train_on_features(features, np.repeat(np.arange(4), 4), config)


def test_a_memory_that_cannot_be_is_refused():
    def resolved(**changes):
        names = {k.replace("__", "."): v for k, v in changes.items()}
        Config.read(changes=names).resolved()

    for method in ("proxy-anchor", "triplet-m", "dvml-margin", "softmax"):
        with pytest.raises(ValueError, match="memory` does nothing"):
            resolved(method__name=method, method__memory=64)
    with pytest.raises(ValueError, match="memory=16 with data.batch_size=32"):
        resolved(method__name="lifted", method__memory=16)
