"""The temperature of a run's scores, by images that it never saw."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.evaluation import fit_temperature
from fgkeras.jobs import evaluate
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier import head_start
from fgkeras.runs.classifier.folds import folds_of
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.scoring import temperature
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg

CHANGES = {
    "data.source": "flora:species=4,images=30,test=5,val=0,size=32",
    "data.size": 32,
    "data.calibration_share": 0.2,
    "train.mode": "frozen",
    "train.epochs": 8,
    "evaluation.resamples": 0,
}


def nll(labels, logits, temperature, activation):
    """The definition, image by image."""
    total = 0.0
    for y, z in zip(labels, np.asarray(logits, "float64"), strict=True):
        z = z / temperature
        if activation == "softmax":
            total += np.log(np.exp(z - z.max()).sum()) + z.max() - z[y]
        else:
            signed = np.where(np.arange(len(z)) == y, z, -z)
            total += np.logaddexp(0.0, -signed).sum()
    return total / len(labels)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("scale", [0.3, 1.0, 7.0])
def test_no_other_temperature_is_better(activation, scale):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 200)
    logits = scale * (rng.normal(size=(200, 5)) + 2 * np.eye(5)[labels])
    found = fit_temperature(labels, logits, activation=activation)
    best = nll(labels, logits, found, activation)
    for other in found * np.array([0.9, 0.99, 1.01, 1.1]):
        assert nll(labels, logits, other, activation) >= best
    # Of logits that are twice as large it is twice as large.
    double = fit_temperature(labels, 2 * logits, activation=activation)
    assert double == pytest.approx(2 * found, rel=1e-4)


def test_a_temperature_needs_images():
    with pytest.raises(ValueError, match="data.calibration_share"):
        fit_temperature([], np.zeros((0, 3)))


def test_a_temperature_is_fitted_once_for_each_adjustment(monkeypatch):
    fits = []
    monkeypatch.setattr(
        temperature, "fit_temperature", lambda *a, **_: fits.append(a) or 2.0
    )
    known = temperature.Calibration(np.array([0, 1]), np.eye(2))
    for offset in (0.0, 1.0):
        affine = np.ones(2), np.full(2, offset)
        assert known.of("softmax", affine) == known.of("softmax", affine)
    known.of("softmax")
    assert len(fits) == 3


def test_a_temperature_is_of_one_view():
    changes = {**CHANGES, "evaluation.views": "mirror"}
    with pytest.raises(ValueError, match="one view.*calibration_share=0.2"):
        Config.read(changes=changes).resolved()


@pytest.mark.slow
def test_a_run_answers_with_the_temperature_of_its_images(tmp_path):
    folder = train(
        Config.read(changes={**CHANGES, "data.val_share": 0.2}),
        tmp_path / "run",
        reporter=SILENT,
    ).folder
    kept = np.load(folder / "calibration_predictions.npz")
    temperature = fit_temperature(kept["labels"], kept["logits"])
    metrics = folder.metrics()
    assert metrics["temperature"] == pytest.approx(temperature)
    assert metrics["calibration_images"] == len(kept["labels"])
    # Its images are trained on, chosen by and tested on by nobody.
    parts = json.loads((folder / "data.json").read_text())["images"]
    ids = {role: set(parts[role]["ids"]) for role in parts}
    assert ids["calibration"] == set(kept["ids"])
    for role in ("train", "val", "test"):
        assert not ids["calibration"] & ids[role]
    # Evaluate and predict answer alike, also after an adjustment.
    predictor = Predictor(folder.path)
    raw = predictor.model
    found, where = evaluate(folder.path, out=tmp_path / "e", reporter=SILENT)
    for of in (metrics, found):
        of["nll"] = of["calibration"]["nll"]["value"]
    assert found["nll"] == pytest.approx(metrics["nll"], abs=1e-5)
    found, where = evaluate(
        folder.path, adjust="logit:1", out=tmp_path / "a", reporter=SILENT
    )
    counts = np.array(folder.classes()["train_counts"])
    prior = np.log(counts / counts.sum())
    again = fit_temperature(kept["labels"], kept["logits"] - prior)
    assert found["temperature"] == pytest.approx(again)
    picture = tmp_path / "a.jpg"
    picture.write_bytes(jpeg())
    [row] = predict(folder.path, [picture], top_k=4)
    crop = predictor.view.crop(picture.read_bytes())
    logits = raw.predict(np.asarray(crop, "float32")[None], verbose=0)[0]
    z = (np.asarray(logits, "float64") - prior) / again
    scores = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    assert row["scores"] == pytest.approx(
        sorted(scores, reverse=True), abs=1e-5
    )


def test_folds_hold_every_image_of_larger_classes_back_once():
    labels = np.repeat([0, 1, 2, 3], [1, 2, 7, 20])
    ids = [f"{i}" for i in range(30)]
    fold = folds_of(ids, labels, 5, seed=0)
    assert fold[0] == -1
    assert (fold[1:] >= 0).all()
    for label, size in ((1, 2), (2, 7), (3, 20)):
        counts = np.bincount(fold[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1
        # Something of the class is left to train on.
        assert counts.max() < size
    mixed = np.random.default_rng(0).permutation(30)
    again = folds_of([ids[i] for i in mixed], labels[mixed], 5, seed=0)
    np.testing.assert_array_equal(again, fold[mixed])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data.calibration_folds": 5}, "kept out, or by folds"),
        (
            {
                "data.calibration_folds": 5,
                "data.calibration_share": 0,
                "train.mode": "finetune",
            },
            "with --mode frozen",
        ),
        (
            {"data.calibration_folds": 1, "data.calibration_share": 0},
            "at least 2",
        ),
        *[
            (
                {
                    "data.calibration_folds": 5,
                    "data.calibration_share": 0,
                    "stages.a.tune": "head",
                    f"stages.a.{name}": value,
                },
                f"images of the run.*{name}=",
            )
            for name, value in (
                ("data.cut", "cap:5"),
                ("data.size", 48),
                ("tune", "scale"),
            )
        ],
    ],
)
def test_folds_that_cannot_be(changes, message):
    changes = {**CHANGES, **changes}
    if "stages.a.tune" in changes:
        del changes["train.mode"]
    with pytest.raises(ValueError, match=message):
        Config.read(changes=changes).resolved()


@pytest.mark.slow
def test_heads_without_a_fold_begin_and_end_without_it(tmp_path, monkeypatch):
    seen = []
    begin = head_start.fit_logistic_head

    def noted(head, vectors, labels, **more):
        seen.append(len(labels))
        return begin(head, vectors, labels, **more)

    monkeypatch.setattr(head_start, "fit_logistic_head", noted)
    changes = {
        **CHANGES,
        "data.calibration_share": 0.0,
        "data.calibration_folds": 2,
        "model.head_start": "linear-probe",
        "train.keep": "best",
    }
    folder = train(
        Config.read(changes=changes), tmp_path / "run", reporter=SILENT
    ).folder
    whole, *folds = seen
    assert len(folds) == 2
    assert max(folds) < whole
    [kept] = folder.metrics()["kept"]
    for number in range(2):
        path = folder / "checkpoints" / f"fold{number}.npz"
        info = json.loads(str(np.load(path)["header"]))["info"]
        assert len(info["history"]) == kept["epoch"]


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["adam", "logistic"])
def test_out_of_fold_logits_are_of_heads_that_saw_no_such_image(
    tmp_path, solver
):
    changes = {
        **CHANGES,
        "data.calibration_share": 0.0,
        "train.head_solver": solver,
    }
    if solver == "logistic":
        changes.pop("train.epochs")
    plain = train(
        Config.read(changes=changes), tmp_path / "plain", reporter=SILENT
    )
    changes["data.calibration_folds"] = 3
    config = Config.read(changes=changes)
    if solver == "adam":
        train(config, tmp_path / "run", until=("head", 3), reporter=SILENT)
    folder = train(config, tmp_path / "run", reporter=SILENT).folder
    # The head itself is what it is without folds.
    a, b = (
        load_model(f / "model.keras").get_layer("head").get_weights()
        for f in (plain.folder, folder)
    )
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)
    kept = np.load(folder / "calibration_predictions.npz")
    listed = (folder / "training_ids.txt").read_text().split()
    counts = folder.classes()["train_counts"]
    assert len(kept["ids"]) == sum(n for n in counts if n > 1)
    assert set(kept["ids"]) <= set(listed)
    metrics = folder.metrics()
    assert metrics["temperature"] == pytest.approx(
        fit_temperature(kept["labels"], kept["logits"])
    )
