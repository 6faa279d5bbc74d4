"""Answers of a run, for any number of pictures."""

import numpy as np
import pytest

from fgkeras.data.open import open as open_source
from fgkeras.jobs import train
from fgkeras.jobs.predict import predictions
from fgkeras.runs import predictor as predictors
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.views import View
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

FLORA = "flora:species=3,images=12,test=6,imbalance=1,size=32"


OPTIONS = {
    "data.source": FLORA,
    "data.size": 32,
    "model.backbone": "small_cnn",
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = fitting(OPTIONS)
    return train(config, tmp_path_factory.mktemp("run"), reporter=SILENT).folder


@pytest.fixture(scope="module")
def pictures():
    source = open_source(FLORA)
    return [source.read(i) for i in source.split("test").ids]


def test_batches_are_of_one_size_and_answers_those_of_evaluate(
    run, pictures, monkeypatch
):
    monkeypatch.setattr(View, "batch_size", 4)
    mixed = [*pictures[:3], b"no picture", *pictures[3:], b""]
    sizes = []
    original = predictors.predict_batch

    def counted(model, crops):
        sizes.append(len(crops))
        return original(model, crops)

    monkeypatch.setattr(predictors, "predict_batch", counted)
    rows = list(Predictor(run).stream(iter(mixed), top_k=3))
    assert set(sizes) == {4}
    assert [row["valid"] for row in rows] == [
        data in pictures for data in mixed
    ]
    with np.load(run / "predictions.npz") as saved:
        logits = saved["logits"].astype("float64")
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    valid = [row for row in rows if row["valid"]]
    for row, expected in zip(valid, scores, strict=True):
        np.testing.assert_allclose(
            row["scores"], np.sort(expected)[::-1], atol=1e-5
        )
    assert "reason" in rows[3]


def test_pictures_are_read_when_their_turn_comes(run, pictures):
    read = []

    def pictures_of(count):
        for i in range(count):
            yield lambda i=i: read.append(i) or pictures[i % len(pictures)]

    rows = Predictor(run).stream(pictures_of(70))
    next(rows)
    assert len(read) == 32
    assert len(list(rows)) == 69


def test_what_is_wrong_is_said_before_the_first_row(run, tmp_path):
    with pytest.raises(ValueError, match="top_k=0"):
        predictions(run.path, [tmp_path], top_k=0)
    with pytest.raises(ValueError, match="which has none"):
        predictions(run.path, [tmp_path])


def test_pictures_are_decoded_as_those_that_were_evaluated(run, monkeypatch):
    """Whatever the backend would choose today."""
    for way, pillow in (("arrays", True), ("disk", False)):
        config = fitting({**OPTIONS, "data.input": way})
        monkeypatch.setattr(RunFolder, "config", lambda self, c=config: c)
        assert Predictor(run).view == View(32, 32, pillow)


def test_the_graph_of_one_view_takes_and_gives_what_the_model_does(run):
    predictor = Predictor(run)
    graph = predictor.graph()
    assert graph.input.shape == (None, 32, 32, 3)
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3))
    for found, model in zip(
        graph.predict(pixels, verbose=0),
        (predictor.to_logits(), predictor.to_vectors()),
        strict=True,
    ):
        expected = model.predict(pixels, verbose=0)
        np.testing.assert_allclose(found, expected, atol=1e-5)
