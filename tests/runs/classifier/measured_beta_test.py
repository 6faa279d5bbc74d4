"""`loss.beta=data`: measured on features, kept, used, and said."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.granularity import unique_prototypes
from fgkeras.jobs import train
from fgkeras.models import backbone
from fgkeras.models import load_model
from fgkeras.runs.classifier import measured_beta
from fgkeras.runs.classifier.measured_beta import MeasuredBeta
from fgkeras.runs.classifier.measured_beta import beta_notes
from fgkeras.runs.classifier.measured_beta import beta_of
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.old_run import FILES
from fgkeras.training.reporter import SILENT
from fgkeras.tuning.space import Space

SMALL = {
    "data.source": "flora:species=4,images=12,test=5,val=0,imbalance=3,size=32",
    "data.size": 32,
    "data.batch_size": 16,
    "model.backbone": "small_cnn",
    "train.epochs": 2,
    "evaluation.resamples": 0,
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("body") / "w.weights.h5"
    backbone("small_cnn", (32, 32, 3)).save_weights(path)
    return str(path)


@pytest.fixture(autouse=True)
def features(monkeypatch, tmp_path):
    """What was measured, how often."""
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    seen = []

    def noted(*arrays):
        seen.append(arrays)
        return unique_prototypes(*arrays)

    monkeypatch.setattr(measured_beta, "unique_prototypes", noted)
    return seen


def run(path, changes, **how):
    config = Config.read(changes={**SMALL, **changes})
    return train(config, path, reporter=SILENT, **how).folder


def whole(folder):
    """Weights, losses and numbers of a run, without its times."""
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics.pop("seconds")
    metrics.pop("beta", None)
    losses = [row["loss"] for row in folder.history() if "loss" in row]
    model = load_model(folder / "model.keras")
    return model.get_weights(), losses, metrics


def same(one, other):
    a, b = whole(one), whole(other)
    for left, right in zip(a[0], b[0], strict=True):
        np.testing.assert_array_equal(left, right)
    assert a[1:] == b[1:]


@pytest.mark.slow
def test_a_stopped_run_is_that_of_the_numbers_it_measured(
    weights, features, tmp_path
):
    more = {"model.weights": weights, "train.mode": "frozen"}
    more["model.head_start"] = "linear-probe"
    asked = {**more, "loss.beta": "data-per-class"}
    found = run(tmp_path / "measured", asked, until=("head", 1))
    kept = (found / "beta.json").read_text()
    for wrong in ({**json.loads(kept), "beta": 1.5}, {"beta": 0.5}):
        (found / "beta.json").write_text(json.dumps(wrong))
        with pytest.raises(ValueError, match=r"beta.json, which is damaged"):
            run(found.path, asked)
    (found / "beta.json").write_text(kept)
    run(found.path, asked)
    # Once, of all training images.
    ((vectors, labels, _),) = features
    counts = found.classes()["train_counts"]
    assert np.bincount(labels).tolist() == counts
    expected = unique_prototypes(vectors, labels)
    said = found.metrics()["beta"]
    assert said["asked"] == ["data-per-class"]
    assert said["beta"] == expected.beta
    assert said["prototypes"] == pytest.approx(expected.number)
    assert said["class_betas"] == expected.class_betas.tolist()
    assert len(set(said["class_betas"])) > 1
    assert found.config().loss.beta == "data-per-class"
    report = (found / "report.html").read_text("utf-8")
    assert beta_notes(said)[0] in report
    assert "What images are worth" in report
    assert f"{min(said['class_betas']):g}" in report
    # To the last bit the run of those numbers, typed.
    typed = {**more, "loss.beta": said["class_betas"]}
    typed = run(tmp_path / "typed", typed)
    assert not (typed / "beta.json").exists()
    same(found, typed)


def test_a_number_of_another_training_is_not_used(weights, tmp_path):
    changes = {"model.weights": weights, "loss.beta": "data"}
    config = Config.read(changes=changes).resolved()
    folder = RunFolder(tmp_path)
    vectors = np.random.default_rng(0).normal(size=(30, 6))
    MeasuredBeta(config, folder).measure(vectors, np.arange(30) % 3, 3)
    # Nothing was trained with it yet: the next may be of other images.
    assert (folder / "beta.json").exists()
    assert MeasuredBeta(config, folder).missing
    assert "beta.json" in FILES


def test_each_stage_has_what_it_asks_for(weights, tmp_path):
    config = Config.read(
        changes={
            "data.source": "flora:",
            "model.weights": weights,
            "loss.beta": 0.9,
            "stages.plain.tune": "head",
            "stages.all.tune": "head",
            "stages.all.loss.beta": "data",
            "stages.each.tune": "head",
            "stages.each.loss.beta": "data-per-class",
        }
    ).resolved()
    beta = MeasuredBeta(config, RunFolder(tmp_path))
    assert beta.missing
    vectors = np.random.default_rng(0).normal(size=(30, 3, 2))
    labels = np.arange(30) % 3
    beta.measure(vectors, labels, 4)
    assert not beta.missing
    found = unique_prototypes(vectors.reshape(30, 6), labels, 4)
    plain, alike, each = (beta.of(s).loss.beta for s in config.stages())
    assert (plain, alike) == (0.9, found.beta)
    assert each == found.class_betas.tolist()
    assert len(each) == 4
    ended = [beta_of(s, RunFolder(tmp_path)) for s in config.stages()]
    assert ended == [plain, alike, each]
    (tmp_path / "beta.json").unlink()
    ended = [beta_of(s, RunFolder(tmp_path)) for s in config.stages()]
    assert ended == [plain, None, None]
    # Nothing else changes, nor does the config of the run.
    stage = config.stages()[1]
    assert beta.of(stage).stage == stage.stage
    assert stage.loss.beta == "data"
    assert beta.metrics()["beta"]["asked"] == ["data", "data-per-class"]


def test_a_run_of_a_number_measures_nothing(tmp_path):
    config = Config.read(changes={"loss.beta": "0.9,0.5"}).resolved()
    beta = MeasuredBeta(config, RunFolder(tmp_path))
    assert not beta.missing
    assert beta.of(config) is config
    assert beta.metrics() == {}
    beta.measure(np.eye(2), [0, 1], 2)
    assert not list(tmp_path.iterdir())


def test_features_that_tell_nothing_are_refused(weights, tmp_path):
    changes = {"model.weights": weights, "loss.beta": "data"}
    config = Config.read(changes=changes).resolved()
    beta = MeasuredBeta(config, RunFolder(tmp_path))
    with pytest.raises(ValueError, match=r"most 1 of one.*'data'. Give it as"):
        beta.measure(np.eye(3), [0, 1, 2], 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "pretrained weights.*loss.beta='data'.*Name weights"),
        (
            {"stages.x.tune": "all", "stages.x.loss.beta": "data-per-class"},
            "loss.beta='data-per-class' without --weights",
        ),
        (
            {"method.name": "proxy-anchor", "model.weights": "imagenet"},
            "classifier begins with.*--method proxy-anchor.*as a number",
        ),
        (
            {"loss.weighting": "inverse", "model.weights": "imagenet"},
            "does nothing in this run",
        ),
        ({"loss.beta": "date"}, "be one of data, data-per-class"),
    ],
)
def test_where_there_is_nothing_to_measure(changes, message):
    asked = {} if "stages.x.tune" in changes else {"loss.beta": "data"}
    with pytest.raises(ValueError, match=message):
        Config.read(changes={**asked, **changes}).resolved()


def test_a_sweep_goes_over_it(weights):
    config = Config.read(
        changes={"data.source": "flora:", "model.weights": weights}
    )
    space = Space.read(config, ["beta=0,0.9,data,data-per-class"])
    found = [space.changes(row)["loss.beta"] for row in space.grid()]
    assert found == [0.0, 0.9, "data", "data-per-class"]
    plain = Config.read(changes={"data.source": "flora:"})
    with pytest.raises(ValueError, match="A trial cannot be trained.*Name w"):
        Space.read(plain, ["beta=0,data"])
