"""Runs that are tested by folds of the images that they are trained on."""

import csv
import json

import keras
import numpy as np
import pytest

import fgkeras.data
from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.jobs import compare
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier.folds import as_one
from fgkeras.runs.classifier.folds import fold_numbers
from fgkeras.runs.classifier.folds import folds_of
from fgkeras.runs.classifier.folds import with_folds
from fgkeras.runs.roles import Roles
from fgkeras.training.reporter import SILENT

OPTIONS = {
    "data.size": 16,
    "data.input": "arrays",
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 3,
    "evaluation.resamples": 200,
}
# Of the classes: one image alone is in every training.
COUNTS = (6, 5, 4, 1)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of photos without splits, with few images a class."""
    root = tmp_path_factory.mktemp("photos")
    source = fgkeras.data.open("flora:species=4,images=6,imbalance=1,size=24")
    part = source.split("train")
    for label, count in enumerate(COUNTS):
        folder = root / f"kind {label}"
        folder.mkdir()
        for i in np.flatnonzero(part.labels == label)[:count]:
            (folder / f"{i}.jpg").write_bytes(source.read(part.ids[i]))
    return root


def config_of(photos, **more):
    options = {**OPTIONS, "data.source": f"folder:{photos}", **more}
    return Config.read(changes=options)


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    config = config_of(photos, **{"evaluation.folds": 3})
    out = tmp_path_factory.mktemp("runs") / "folds"
    return train(config, out, reporter=SILENT).folder


def predictions(folder):
    with np.load(folder / "predictions.npz") as file:
        found = {name: file[name] for name in file.files}
    return dict(zip(found["ids"], found["logits"], strict=True)), found


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"train.mode": "finetune"}, "with --mode frozen"),
        ({"method.name": "triplet-hard"}, "by a classifier"),
        ({"data.test_split": "val"}, "without --folds"),
        ({"data.holdout": 0.5}, "without --folds"),
        ({"data.calibration_folds": 3}, "calibration_folds=3"),
        ({"evaluation.views": "mirror"}, "views='mirror'"),
        ({"evaluation.folds": 1}, "at least 2"),
        (
            {
                "train.mode": None,
                "stages.a.tune": "head",
                "stages.b.tune": "head",
            },
            "2 stages",
        ),
        (
            {"train.mode": None, "stages.a.tune": "scale"},
            "tune='scale'",
        ),
    ],
)
def test_what_folds_cannot_test_is_refused(changes, match):
    options = {**OPTIONS, "evaluation.folds": 3, **changes}
    options = {n: v for n, v in options.items() if v is not None}
    if "method.name" in changes:
        options.pop("evaluation.resamples")
    with pytest.raises(ValueError, match=match):
        Config.read(changes=options).resolved()


def test_every_image_is_tested_once_and_none_is_held_back(photos):
    config = config_of(photos, **{"evaluation.folds": 3}).resolved()
    roles = Roles.opened(config)
    images = roles.read(config, SILENT)
    assert len(images["train"]) == sum(COUNTS)
    tested = images["test"]
    # All but the only image of its class.
    assert len(tested) == sum(COUNTS) - 1
    assert set(tested.ids) < set(images["train"].ids)
    assert tested.encoded[0] is images["train"].encoded[0]
    assert set(roles.data.parts["test"].ids) == set(tested.ids)


def test_images_of_other_splits_are_named():
    whole = Split(tuple("abcd"), np.array([0, 0, 1, 1]))
    other = Split(("e",), np.zeros(1, "int64"))
    splits = {"train": whole, "test": other, "val": other}
    source = Source("x", ["oak", "elm"], splits)
    config = Config.read(
        changes={"train.mode": "frozen", "evaluation.folds": 2}
    ).resolved()
    (note,) = with_folds(config, source, source).notes
    assert "train: those of test, val are not looked at" in note
    assert "data.train_split=train+test+val" in note
    alone = Source("x", ["oak", "elm"], {"all": whole})
    assert as_one(alone).splits == {"train": whole}
    assert not with_folds(config, as_one(alone), alone).notes
    single = Source("x", ["oak"], {"train": other})
    with pytest.raises(ValueError, match=r"evaluation\.folds=2, where no"):
        with_folds(config, single, single)


def test_numbers_of_the_folds_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2])
    ids = tuple("abcdef")

    class images:  # noqa: N801
        pass

    images.labels, images.ids = labels, ids
    config = Config.read(
        changes={"train.mode": "frozen", "evaluation.folds": 2}
    ).resolved()
    fold = folds_of(ids, labels, 2, seed=0)
    answered = np.array([0, 1, 0, 1, 0])
    found = fold_numbers(config, images, np.eye(3)[answered])
    right = labels[:5] == answered
    for row in found["each"]:
        inside = fold[:5] == row["fold"] - 1
        assert row["num_images"] == inside.sum()
        assert row["top1"] == pytest.approx(right[inside].mean())
        means = [
            right[inside & (labels[:5] == c)].mean()
            for c in np.unique(labels[:5][inside])
        ]
        assert row["mean_per_class"] == pytest.approx(np.mean(means))
    expected = np.mean([row["top1"] for row in found["each"]])
    assert found["mean"]["top1"] == pytest.approx(expected)
    assert (found["count"], found["num_not_tested"]) == (2, 1)


def test_a_sweep_has_folds_of_its_own(photos, tmp_path, capsys):
    arguments = ["tune", "--data", f"folder:{photos}", "--mode", "frozen"]
    arguments += ["--out", str(tmp_path / "s"), "--dry"]
    assert main([*arguments, "--set", "evaluation.folds=3"]) == 1
    assert "evaluation.folds=3" in capsys.readouterr().err
    assert main([*arguments, "--over", "evaluation.folds=2,3"]) == 1
    assert "--folds instead" in capsys.readouterr().err


@pytest.mark.slow
def test_each_fold_is_a_training_on_the_others(photos, run, tmp_path):
    """What a list with the splits of each fold gives, run for run."""
    of, found = predictions(run)
    source = fgkeras.data.open(f"folder:{photos}")
    part = source.split("all")
    fold = folds_of(part.ids, part.labels, 3, seed=0)
    assert sorted(of) == sorted(np.array(part.ids)[fold >= 0])
    body = load_model(run / "model.keras").get_layer("backbone")
    seen = 0
    for number in range(3):
        table = tmp_path / f"{number}.csv"
        with open(table, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["path", "label", "split"])
            for name, label, held in zip(
                part.ids, part.labels, fold, strict=True
            ):
                split = "test" if held == number else "train"
                rows.writerow([photos / name, f"kind {label}", split])
        config = config_of(photos, **{"data.source": f"csv:{table}"})
        alone = train(config, tmp_path / str(number), reporter=SILENT).folder
        same = load_model(alone / "model.keras").get_layer("backbone")
        for a, b in zip(body.get_weights(), same.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        theirs, _ = predictions(alone)
        for name, logits in theirs.items():
            key = str(name).removeprefix(f"{photos}/")
            np.testing.assert_allclose(of[key], logits, atol=1e-5)
            seen += 1
    assert seen == len(of) == sum(COUNTS) - 1


@pytest.mark.slow
def test_the_run_is_the_one_trained_on_all(photos, run, tmp_path):
    metrics = run.metrics()
    assert metrics["num_images"] == sum(COUNTS) - 1
    assert metrics["folds"]["num_not_tested"] == 1
    assert "monitored_split" not in metrics
    assert run.classes()["train_counts"] == list(COUNTS)
    assert all("val_accuracy" not in row for row in run.history())
    assert "Mean of the folds" in (run / "report.html").read_text()
    # With one image more to test on, which changes no training.
    table = tmp_path / "all.csv"
    with open(table, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "split"])
        part = fgkeras.data.open(f"folder:{photos}").split("all")
        for name, label in zip(part.ids, part.labels, strict=True):
            rows.writerow([photos / name, f"kind {label}", "train"])
        copy = tmp_path / "copy.jpg"
        copy.write_bytes((photos / part.ids[0]).read_bytes())
        rows.writerow([copy, "kind 0", "test"])
    config = config_of(photos, **{"data.source": f"csv:{table}"})
    plain = train(config, tmp_path / "plain", reporter=SILENT).folder
    ours, theirs = (
        load_model(folder / "model.keras").get_weights()
        for folder in (run, plain)
    )
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_to_the_same(photos, run, tmp_path):
    config = config_of(photos, **{"evaluation.folds": 3})
    out = tmp_path / "again"
    assert (
        train(config, out, until=("head", 2), reporter=SILENT).metrics is None
    )
    folder = train(config, out, reporter=SILENT).folder
    first, second = run.metrics(), folder.metrics()
    for metrics in (first, second):
        metrics.pop("seconds")
    assert first == second
    for a, b in zip(
        load_model(folder / "model.keras").get_weights(),
        load_model(run / "model.keras").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    for logits, other in zip(
        predictions(run)[0].values(),
        predictions(folder)[0].values(),
        strict=True,
    ):
        np.testing.assert_array_equal(logits, other)
    # Typed again it is finished, and with other folds it is another run.
    assert train(config, out, reporter=SILENT).metrics["top1"] == first["top1"]
    other = config.with_options({"evaluation.folds": 4})
    with pytest.raises(ValueError, match=r"evaluation\.folds: 3 there, 4"):
        train(other, out, reporter=SILENT)
    train(other, out, restart=True, reporter=SILENT)
    names = {path.name for path in (out / "checkpoints").iterdir()}
    assert names == {"head.npz", *(f"fold{k}.npz" for k in range(4))}


@pytest.mark.slow
def test_other_verbs_know_what_it_was_trained_on(photos, run, tmp_path):
    with pytest.raises(ValueError, match="says nothing new about them"):
        evaluate(run.path, reporter=SILENT)
    more = tmp_path / "more" / "test" / "kind 1"
    more.mkdir(parents=True)
    source = fgkeras.data.open("flora:species=4,images=6,imbalance=1,size=24")
    part = source.split("test")
    for i in np.flatnonzero(part.labels == 1)[:3]:
        (more / f"{i}.jpg").write_bytes(source.read(part.ids[i]))
    (tmp_path / "more" / "train" / "kind 0").mkdir(parents=True)
    for path in (photos / "kind 0").iterdir():
        other = tmp_path / "more" / "train" / "kind 0" / path.name
        other.write_bytes(path.read_bytes())
    found, _ = evaluate(run.path, f"folder:{tmp_path}/more", reporter=SILENT)
    assert found["num_images"] == 3
    assert "folds" not in found
    # Answers of folds are no answers to images that were trained on.
    twin = config_of(photos, **{"evaluation.folds": 3, "loss.beta": 0.9})
    second = train(twin, tmp_path / "twin", reporter=SILENT).folder
    result, _ = compare(
        [run.path, second.path], tmp_path / "c", reporter=SILENT
    )
    assert result["num_images"] == sum(COUNTS) - 1
    assert not result["notes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"method.name": "ncm", "train.mode": None, "train.epochs": None},
        {"method.name": "knn", "train.mode": None, "train.epochs": None},
        {"train.head_solver": "logistic", "train.epochs": None},
        {"data.val_share": 0.2, "train.keep": "best"},
    ],
)
def test_every_head_has_folds(photos, tmp_path, change, capsys):
    options = {**OPTIONS, **change}
    arguments = ["train", "--data", f"folder:{photos}", "--folds", "2"]
    for name, value in options.items():
        if value is not None:
            arguments += ["--set", f"{name}={value}"]
    out = tmp_path / "run"
    assert main([*arguments, "--out", str(out), "--quiet"]) == 0
    assert "mean of 2 folds" in capsys.readouterr().out
    metrics = json.loads((out / "metrics.json").read_text())
    _, found = predictions(out)
    assert len(found["ids"]) == metrics["num_images"]
    assert np.isfinite(found["logits"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ncm", "knn"])
def test_an_image_is_not_among_its_own_neighbours(photos, tmp_path, method):
    """By hand, of the features that the body of the run gives."""
    config = config_of(photos, **{"evaluation.folds": 2, "method.name": method})
    asked = {n: v for n, v in config.asked.items() if n != "train.epochs"}
    folder = train(Config(asked), tmp_path / "run", reporter=SILENT).folder
    model = load_model(folder / "model.keras")
    part = fgkeras.data.open(f"folder:{photos}").split("all")
    roles = Roles.opened(folder.config())
    images = roles.read(folder.config(), SILENT)["train"]
    head = model.get_layer("head")
    before = keras.Model(model.inputs, head.input)
    x = before.predict(images.evaluation(), verbose=0).astype("float64")
    fold = folds_of(part.ids, part.labels, 2, seed=0)
    found, _ = predictions(folder)
    for i in np.flatnonzero(fold >= 0):
        others = fold != fold[i]
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        if method == "ncm":
            means = np.stack(
                [
                    unit[others & (part.labels == c)].mean(axis=0)
                    for c in range(len(COUNTS))
                ]
            )
            means /= np.linalg.norm(means, axis=1, keepdims=True)
            best = (means @ unit[i]).argmax()
            assert found[part.ids[i]].argmax() == best
        else:
            nearest = np.flatnonzero(others)[(unit[others] @ unit[i]).argmax()]
            assert found[part.ids[i]][part.labels[nearest]] > min(
                found[part.ids[i]]
            )
