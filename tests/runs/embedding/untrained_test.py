"""What doing nothing gives, beside every embedding."""

import json
import shutil

import keras
import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.config.earlier import continuing
from fgkeras.evaluation import relevant_ranks
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.embedding.untrained import FILE
from fgkeras.runs.embedding.untrained import Untrained
from fgkeras.runs.embedding.untrained import untrained_notes
from fgkeras.runs.embedding.untrained import untrained_report
from fgkeras.runs.folder import RunFolder
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

FLORA = "flora:species=6,images=12,test=5,size=32,seed=3"
SMALL = {
    "data.source": FLORA,
    "data.size": 32,
    "data.batch_size": 12,
    "data.classes": "0:3",
    "data.test_classes": "3:6",
    "method.name": "multi-similarity",
    "method.dim": 8,
    "train.mode": "frozen",
    "train.epochs": 1,
    "evaluation.resamples": 20,
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def run(out, **overrides):
    names = {k.replace("__", "."): v for k, v in overrides.items()}
    return train(fitting({**SMALL, **names}), out, reporter=SILENT)


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A training that changes next to nothing."""
    out = tmp_path_factory.mktemp("still")
    return run(out, train__learning_rate=1e-12)


def recall(vectors, labels):
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -9)
    return np.mean(labels[similar.argmax(axis=1)] == labels)


def test_untrained_the_embedding_is_its_principal_components(still):
    folder, metrics = still
    found = metrics["untrained"]
    assert found["components"]["length"] == 8
    assert found["features"]["length"] == 192
    gain = found["components"]["gain"]["recall_at_1"]
    assert gain == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert metrics["retrieval"]["recall_at"] == {
        k: v for k, v in found["components"]["recall_at"].items()
    }
    with np.load(folder / "embeddings.npz") as saved:
        embeddings, labels = saved["embeddings"], saved["labels"]
    there = found["components"]["recall_at"]["1"]["value"]
    assert there == pytest.approx(recall(embeddings, labels))
    text = (folder / "report.html").read_text()
    assert "What doing nothing gives" in text
    # Again from the run, and on images of another source.
    again, _ = evaluate(folder.path, reporter=SILENT)
    assert again["untrained"] == found


def test_other_images_have_their_row_as_long_as_the_start_is_known(
    still, tmp_path
):
    folder, _ = still
    other = "flora:species=6,images=5,test=5,size=32,seed=9"
    found, _ = evaluate(folder.path, other, reporter=SILENT)
    gain = found["untrained"]["components"]["gain"]["recall_at_1"]
    assert gain["value"] == 0.0
    copied = tmp_path / "copy"
    shutil.copytree(folder.path, copied)
    (copied / FILE).unlink()
    # Of its own test images it is in the metrics, whatever became of the start.
    found, _ = evaluate(copied, reporter=SILENT)
    assert found["untrained"] == still.metrics["untrained"]
    found, place = evaluate(copied, other, reporter=SILENT)
    assert "version" in found["untrained"]["reason"]
    assert "not known here" in (place / "report.html").read_text()
    start = Untrained.read(folder)
    start.body = "another"
    start.write(RunFolder(copied))
    found, _ = evaluate(copied, other, reporter=SILENT)
    assert "others today" in found["untrained"]["reason"]
    start.mean = start.mean[:-1]
    start.write(RunFolder(copied))
    with pytest.raises(ValueError, match=FILE):
        evaluate(copied, other, reporter=SILENT)


def test_a_random_start_is_random_and_told_beside_its_components(tmp_path):
    folder, metrics = run(
        tmp_path, method__start="random", train__learning_rate=1e-12
    )
    found = metrics["untrained"]["components"]
    with np.load(folder / "embeddings.npz") as saved:
        embeddings, labels = saved["embeddings"], saved["labels"]
    mine = recall(embeddings, labels)
    gain = mine - found["recall_at"]["1"]["value"]
    assert found["gain"]["recall_at_1"]["value"] == pytest.approx(gain)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["hdml-triplet", "triplet-a", "n-pair"])
def test_every_kind_starts_so(tmp_path, method):
    folder, metrics = run(
        tmp_path, method__name=method, train__learning_rate=1e-12
    )
    found = metrics["untrained"]["components"]["gain"]["recall_at_1"]
    if method != "hdml-triplet":  # Which sees standardized features.
        assert found["value"] == 0.0
    linear = load_model(folder / "model.keras")
    assert linear is not None


@pytest.mark.slow
def test_a_body_that_learns_is_remembered_as_it_was(tmp_path):
    body = run(tmp_path / "body", train__epochs=1).folder
    weights = str(body.path)
    folder, metrics = run(
        tmp_path / "tuned",
        train__mode="finetune",
        model__weights=weights,
        train__learning_rate=1e-3,
    )
    assert folder.config().method.start == "pca"
    found = metrics["untrained"]
    assert found["features"]["length"] == 192
    other = "flora:species=6,images=5,test=5,size=32,seed=9"
    again, _ = evaluate(folder.path, other, reporter=SILENT)
    assert "features" in again["untrained"]
    shutil.move(weights, tmp_path / "gone")
    again, _ = evaluate(folder.path, other, reporter=SILENT)
    assert "not found" in again["untrained"]["reason"]


@pytest.mark.slow
def test_a_body_from_nothing_has_no_row(tmp_path):
    folder, metrics = run(tmp_path, train__mode="finetune")
    assert folder.config().method.start == "random"
    assert "random" in metrics["untrained"]["reason"]
    assert not (folder / FILE).exists()


def test_runs_of_before_start_at_random(still, tmp_path):
    tree = json.loads((still.folder / "config.json").read_text())
    assert Config.of_run(tree).method.start == "pca"
    path = tmp_path / "config.json"
    path.write_text(json.dumps(tree))
    assert Config.read(path).resolved().method.start == "pca"
    now = Config.of_run(tree)
    del tree["resolved"]["method"]["start"]
    before = Config.of_run(tree)
    assert before.method.start == "random"
    # As a recipe, and as a run that goes on, it is what it was.
    path.write_text(json.dumps(tree))
    assert Config.read(path).resolved().method.start == "random"
    assert before.differences(now) == {}
    assert continuing(before, now).method.start == "random"
    tree.pop("asked")
    assert Config.of_run(tree["resolved"]).method.start == "random"


def test_a_loss_is_said_first_and_a_gain_is_not():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 20)
    good = np.eye(10)[labels] + 0.05 * rng.standard_normal((200, 10))
    poor = np.eye(10)[labels] + 0.60 * rng.standard_normal((200, 10))
    good, poor = (
        relevant_ranks(x / np.linalg.norm(x, axis=1, keepdims=True), labels)
        for x in (good, poor)
    )
    options = {"num_bootstrap": 200, "seed": 0}
    both = {"features": (1280, good), "components": (64, poor)}
    lost = untrained_report(both, poor, **options)
    row = lost["features"]["gain"]["recall_at_1"]
    hits = (poor.first_rank == 1).astype(float) - (good.first_rank == 1)
    assert row["value"] == pytest.approx(hits.mean())
    assert row["low"] < row["value"] < row["high"] < 0
    (text,) = untrained_notes(lost)
    assert text.startswith("Training lost to doing nothing: Recall@1 -")
    assert "the raw features (1,280 numbers, 100.0 %)" in text
    assert "PCA" not in text
    assert untrained_notes(untrained_report(both, good, **options)) == []
    assert untrained_notes(untrained_report("why", good, **options)) == []
    assert untrained_notes(None) == []


def test_there_are_no_more_components_than_channels():
    x = np.random.default_rng(0).normal(size=(20, 6)).astype("float32")
    part = keras.Sequential([keras.Input((6,))])
    start = Untrained.measured(x, 512, part)
    assert start.axes.shape == (6, 6)
    assert Untrained.measured(x, 4, part).axes.shape == (6, 4)
