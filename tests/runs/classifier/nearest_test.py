"""Classifiers without training, and heads that begin with a guess."""

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.classifier.from_run import changes_from
from fgkeras.runs.classifier.head_start import start_head
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg

SMALL = {
    "data.source": "flora:species=4,images=12,test=5,val=0,size=32",
    "data.size": 32,
    "evaluation.resamples": 0,
}


def config_of(changes):
    return Config.read(changes={**SMALL, **changes}).resolved()


def run(path, changes):
    config = Config.read(changes={**SMALL, **changes})
    return train(config, path, reporter=SILENT).folder


@pytest.mark.parametrize("method", ["ncm", "knn"])
def test_a_method_without_training_is_frozen_and_has_no_steps(method):
    config = config_of({"method.name": method})
    assert config.train.mode == "frozen"
    assert [s.name for s in config.stages()] == ["head"]
    used = config.used()
    for name in ("train.epochs", "loss.name", "model.head", "data.sampler"):
        assert name not in used
    assert {"method.options", "data.val_share", "model.embedding"} <= {*used}
    with pytest.raises(ValueError, match="train nothing.*Leave --mode out"):
        config_of({"method.name": method, "train.mode": "finetune"})
    with pytest.raises(ValueError, match="does nothing in this run"):
        config_of({"method.name": method, "loss.beta": 0.9})
    with pytest.raises(ValueError, match="in stages neither"):
        config_of({"method.name": method, "stages.x.tune": "head"})


def features_of(config, count=30):
    rng = np.random.default_rng(0)
    model = make_classifier(config, 3, range(count))
    width = model.get_layer("pooling").output.shape[-1]
    labels = rng.permutation(np.arange(count) % 3)
    centers = rng.normal(size=(3, width))
    noise = 0.1 * rng.normal(size=(count, width))
    return model, (centers[labels] + noise).astype("float32"), labels


@pytest.mark.parametrize("head", ["linear", "cosine:20"])
def test_a_head_that_begins_with_class_means_is_right_at_once(head):
    config = config_of({"model.head": head, "model.head_start": "class-mean"})
    model, features, labels = features_of(config)
    start_head(model, config, features, labels, ("a", "b", "c"))
    kernel = model.get_layer("head").get_weights()[0]
    assert (features @ kernel).argmax(1).tolist() == labels.tolist()
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    for c in range(3):
        mean = units[labels == c].astype("float64").mean(axis=0)
        cosine = mean @ kernel[:, c]
        cosine /= np.linalg.norm(mean) * np.linalg.norm(kernel[:, c])
        assert cosine == pytest.approx(1.0, abs=1e-6)


def test_a_head_begins_with_a_file(tmp_path):
    file = str(tmp_path / "head.npz")
    config = config_of({"model.head_start": file})
    model, features, labels = features_of(config)
    names, width = ("a", "b", "c"), features.shape[1]
    rng = np.random.default_rng(1)
    kernel = rng.normal(size=(width, 3)).astype("float32")
    np.savez(file, kernel=kernel, bias=np.array([1.0, 2.0, 3.0]))
    start_head(model, config, features, labels, names)
    found = model.get_layer("head").get_weights()
    np.testing.assert_array_equal(found[0], kernel)
    np.testing.assert_array_equal(found[1], [1.0, 2.0, 3.0])
    # Vectors by name, in another order, of any length.
    vectors = 7.0 * kernel.T[[2, 0, 1]]
    np.savez(file, vectors=vectors, class_names=np.array(["c", "a", "b"]))
    start_head(model, config, features, labels, names)
    again = model.get_layer("head").get_weights()[0]
    scale = again / (kernel / np.linalg.norm(kernel, axis=0))
    assert np.ptp(scale) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"kernel": np.zeros((2, 3))}, r"`kernel`.*shape \(192, 3\)"),
        ({"kernel": np.full((192, 3), np.nan)}, "finite"),
        ({"weights": np.zeros(3)}, "holds weights"),
        (
            {
                "vectors": np.zeros((2, 9)),
                "class_names": np.array(["a", "b"]),
            },
            "without c",
        ),
        (
            {
                "vectors": np.zeros((3, 5)),
                "class_names": np.array(["a", "b", "c"]),
            },
            r"`vectors`.*\(3, 192\)",
        ),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, arrays, message):
    file = str(tmp_path / "head.npz")
    np.savez(file, **arrays)
    config = config_of({"model.head_start": file})
    model, features, labels = features_of(config)
    with pytest.raises(ValueError, match=message):
        start_head(model, config, features, labels, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model.head_start": "means"}, "none, class-mean, linear-probe"),
        (
            {"model.head_start": "class-mean", "loss.name": "focal"},
            "one sigmoid per class",
        ),
        (
            {"model.head_start": "linear-probe", "model.head": "cosine:9"},
            "Start from class-mean",
        ),
    ],
)
def test_heads_that_cannot_begin_so(changes, message):
    with pytest.raises(ValueError, match=message):
        config_of(changes)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ncm", "knn"])
def test_a_run_without_training_is_what_its_definition_says(tmp_path, method):
    folder = run(tmp_path / "run", {"method.name": method})
    model = load_model(folder / "model.keras")
    saved = np.load(folder / "predictions.npz")
    head = model.get_layer("head").get_weights()
    again = run(tmp_path / "again", {"method.name": method})
    for a, b in zip(
        head,
        load_model(again / "model.keras").get_layer("head").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    assert saved["logits"].shape[1] == 4
    picture = tmp_path / "a.jpg"
    picture.write_bytes(jpeg())
    assert predict(folder.path, [picture])[0]["valid"]


def pictures(path, classes, colour):
    for split in ("train", "test"):
        for c, name in enumerate(classes):
            for i in range(4):
                place = path / split / name / f"{i}.jpg"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(jpeg(seed=colour + 10 * c + i))
    return f"folder:{path}"


@pytest.mark.slow
def test_classes_are_added_to_a_run_without_training(tmp_path):
    first = pictures(tmp_path / "birds", ["crow", "rook"], 0)
    more = pictures(tmp_path / "more", ["coot", "rook"], 500)
    base = {"data.source": first, "train.epochs": 1, "data.batch_size": 4}
    known = run(tmp_path / "known", base)
    changes = changes_from(known.path, {"data.source": more})
    config = Config.read(changes={**changes, "evaluation.resamples": 0})
    added = train(config, tmp_path / "added", reporter=SILENT).folder
    names = added.classes()["class_names"]
    assert set(names) == {"crow", "rook", "coot"}
    counts = dict(zip(names, added.classes()["train_counts"], strict=True))
    assert counts == {"crow": 4, "rook": 8, "coot": 4}
    # The body is the run's.
    bodies = [
        load_model(f / "model.keras").get_layer("backbone").get_weights()
        for f in (known, added)
    ]
    for a, b in zip(*bodies, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="without training.*--weights RUN"):
        changes_from(
            known.path, {"data.source": more, "method.name": "softmax"}
        )
