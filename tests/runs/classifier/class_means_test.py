"""Frozen classifiers beside the class means of the same features."""

import numpy as np
import pytest

from fgkeras.cli.show import print_metrics
from fgkeras.config import Config
from fgkeras.evaluation import classification_report
from fgkeras.jobs import train
from fgkeras.report.rows import answer_lines
from fgkeras.report.rows import first_lines
from fgkeras.runs.classifier.class_means import ClassMeans
from fgkeras.runs.classifier.class_means import class_means_report
from fgkeras.training.reporter import SILENT

SMALL = {
    "data.source": "flora:species=4,images=12,imbalance=1,test=9,val=0,size=32",
    "data.size": 32,
    "model.backbone": "tests.runs.classifier.class_means_test:seeded",
    "evaluation.resamples": 50,
    "train.mode": "frozen",
}


def seeded(shape):
    """A body whose weights are the same each time it is built."""
    import keras

    pixels = keras.Input(shape)
    y = pixels
    for i, filters in enumerate((8, 16)):
        y = keras.layers.Conv2D(
            filters,
            3,
            strides=2,
            activation="relu",
            kernel_initializer=keras.initializers.GlorotUniform(seed=i),
        )(y)
    return keras.Model(pixels, y)


def run(path, **changes):
    changes = {name.replace("__", "."): v for name, v in changes.items()}
    config = Config.read(changes={**SMALL, **changes})
    return train(config, path, reporter=SILENT)


@pytest.mark.slow
def test_the_row_is_what_ncm_gives(tmp_path):
    head = run(tmp_path / "head", train__epochs=2)
    means = run(tmp_path / "ncm", method__name="ncm")
    found = head.metrics["class_means"]
    assert "class_means" not in means.metrics
    for name in ("top1", "mean_per_class"):
        assert found[name]["value"] == pytest.approx(
            means.metrics[name]["value"]
        )
        gain = found["gain"][name]
        assert gain["value"] == pytest.approx(
            head.metrics[name]["value"] - means.metrics[name]["value"]
        )
        assert gain["low"] <= gain["value"] <= gain["high"]
    line = "The nearest class mean of the same features, without training"
    page = (tmp_path / "head" / "report.html").read_text("utf-8")
    assert line in page
    assert line not in (tmp_path / "ncm" / "report.html").read_text("utf-8")


def test_numbers_are_those_of_a_classification_report():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), [9, 1, 6, 2, 12])
    told = np.where(rng.random(30) < 0.6, labels, rng.integers(0, 5, 30))
    logits = rng.normal(size=(30, 5))
    logits[np.arange(30), labels] += 1
    options = {"num_bootstrap": 200, "seed": 3}
    found = class_means_report(told, labels, logits, **options)
    names = {"train_counts": None, "class_names": list("abcde")}
    means = classification_report(labels, np.eye(5)[told], **names, **options)
    head = classification_report(labels, logits, **names, **options)
    for name in ("top1", "mean_per_class"):
        assert found[name] == pytest.approx(means[name])
        assert found["gain"][name]["value"] == pytest.approx(
            head[name]["value"] - means[name]["value"]
        )
    found = class_means_report(told, labels, logits, num_bootstrap=0, seed=0)
    assert found["gain"]["top1"]["low"] is None


def test_where_nothing_differs_nothing_is_said_of_it():
    labels = np.repeat(np.arange(3), 4)
    options = {"num_bootstrap": 50, "seed": 0}
    found = class_means_report(labels, labels, np.eye(3)[labels], **options)
    assert found["top1"]["value"] == found["mean_per_class"]["value"] == 1.0
    # Wilson's, as elsewhere, where all are right.
    assert found["top1"]["low"] < 1
    assert found["gain"]["top1"] == {"value": 0.0, "low": None, "high": None}
    (line,) = answer_lines({"class_means": found})
    assert "the head is no better and no worse." in line


def metrics_of(gain):
    entry = {"value": 0.5, "low": None, "high": None}
    gains = {"value": gain, "low": gain - 0.01, "high": gain + 0.01}
    return {
        "num_images": 9,
        "class_means": {"top1": entry, "gain": {"top1": gains}},
    }


def test_a_head_that_loses_is_said_first(capsys):
    print_metrics(metrics_of(-0.02), "runs/a")
    said = capsys.readouterr().out
    assert said.startswith("The nearest class mean")
    assert "50.0 %: the head is 2.0 points below (-3.0 to -1.0)." in said
    print_metrics(metrics_of(0.02), "runs/a")
    said = capsys.readouterr().out
    assert not said.startswith("The nearest class mean")
    assert "the head is 2.0 points above (+1.0 to +3.0)." in said
    for gain in (-0.02, 0.02):
        lines = first_lines(metrics_of(gain)), answer_lines(metrics_of(gain))
        assert [len(found) for found in lines] == [gain < 0, gain > 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"method.name": "ncm"},
        {"train.mode": "finetune", "model.weights": "w.h5"},
        {"evaluation.views": "mirror"},
        {"evaluation.folds": 3},
        {
            "stages.a.tune": "head",
            "stages.b.tune": "head",
            "stages.b.data.cut": "cap:5",
        },
    ],
)
def test_other_runs_have_no_such_row(changes):
    changes = {"train.mode": "frozen", "model.weights": "w.h5", **changes}
    changes |= {"model.backbone": "small_cnn"}
    if "stages.a.tune" in changes:
        del changes["train.mode"]
    if changes.get("method.name") == "ncm":
        del changes["train.mode"]
    config = Config.read(changes=changes).resolved()
    means = ClassMeans(config, None)
    means.take(np.eye(3), np.arange(3), {})
    assert means.metrics(np.eye(3)) == {}
