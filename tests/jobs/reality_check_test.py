"""The protocol: disjoint classes, selection apart from the test, resumable."""

import importlib
import json
import re

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config

# The package shows the function under the module's name.
job = importlib.import_module("fgkeras.jobs.reality_check")


def data(classes, seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), 6)
    centers = rng.standard_normal((classes, 12)) * 2
    return (centers[labels] + rng.standard_normal((len(labels), 12))).astype(
        "float32"
    ), labels


def check(out, trials=2, progress=None, **changes):
    config = Config.read(
        changes={
            "method.name": "contrastive",
            **(changes or {"method.dim": 4}),
            "train.mode": "frozen",
            "train.epochs": 1,
            "data.batch_size": 16,
        }
    )
    rates = ["1e-3", "1e-2", "1e-1"][:trials]
    return job.reality_check(
        *data(8, 0),
        *data(5, 1),
        config,
        [{"train.learning_rate": rate} for rate in rates],
        out=out,
        folds=2,
        repeats=2,
        progress=progress,
    )


@pytest.mark.slow
def test_numbers_that_nobody_asked_for_and_those_of_before(tmp_path):
    # It ended in an error of int("auto") after all trainings.
    options = {"seed": 0}
    found = check(tmp_path / "a", trials=1, **options)
    assert found["untrained"]["dim"] == 12  # All channels; 512 were asked for.
    again = check(tmp_path / "a", trials=1, **options)
    assert again == found
    # A folder of a version that noted no defaults goes on with those it had.
    known = json.loads((tmp_path / "a" / "config.json").read_text())
    assert known.pop("defaults")["method.dim"] == 512
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "config.json").write_text(json.dumps(known))
    seen = []
    real = job.train_on_features

    def spy(features, labels, config, **more):
        whole = config.resolved()
        seen.append((whole.method.dim, whole.method.start))
        return real(features, labels, config, **more)

    try:
        job.train_on_features = spy
        check(tmp_path / "b", trials=1, **options)
        check(tmp_path / "b", trials=1, **options)
    finally:
        job.train_on_features = real
    assert seen == [(64, "random")] * 6
    with pytest.raises(ValueError, match="begun with other options"):
        check(tmp_path / "b", trials=1, **options, **{"method.dim": 8})


@pytest.mark.slow
def test_protocol_and_resume(tmp_path, monkeypatch):
    seen = []
    real = job.train_on_features

    def spy(features, labels, config, validation, lengths=None):
        seen.append((len(features), len(validation[0]), config.seed))
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(
            features, labels, config, validation=validation, lengths=lengths
        )

    monkeypatch.setattr(job, "train_on_features", spy)
    with pytest.raises(KeyboardInterrupt):
        check(tmp_path / "a")
    result = check(tmp_path / "a")
    # Two were done, the third was cut, six remained: none is done twice.
    assert len(seen) == 3 + 6
    assert {n for n, _, _ in seen} == {24}
    assert {seed for _, _, seed in seen} == {0, 1, 2}
    assert result["best_trial"] == {
        "train.learning_rate": ["1e-3", "1e-2"][
            int(np.argmax(result["validation"]))
        ]
    }
    for kind in ("separate", "concatenated"):
        found = result[kind]["map_at_r"]
        assert found["low"] <= found["value"] <= found["high"]
    # What nothing gives: features, and their four components, by cosine.
    (train, _), (x, labels) = data(8, 0), data(5, 1)
    rows = np.linalg.svd(train - train.mean(axis=0))[2][:4]
    ways = {"features": x, "components": (x - train.mean(axis=0)) @ rows.T}
    assert result["untrained"]["dim"] == 4
    for name, y in ways.items():
        y = y / np.linalg.norm(y, axis=1, keepdims=True)
        near = y @ y.T - 9 * np.eye(len(y))
        hits = np.mean(labels[near.argmax(axis=1)] == labels)
        there = result["untrained"][name]["recall_at_1"]
        assert there == pytest.approx(hits)
    stored = json.loads((tmp_path / "a" / "result.json").read_text())
    assert stored == result
    page = (tmp_path / "a" / "report.html").read_text("utf-8")
    assert "PCA to 4, untrained" in page
    with pytest.raises(ValueError, match="begun with other options"):
        check(tmp_path / "a", trials=3)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"method.levels": "block4_relu,block5_relu"}, "with method.levels=bl"),
        ({"data.size": 96}, "with data.size=96"),
        ({"model.weights": "imagenet"}, "with model.weights=imagenet"),
        ({"pooling.order": 2}, "with pooling.order=2"),
        ({"method.positives": "genus"}, "without parents.*'genus'"),
    ],
)
def test_a_trial_that_needs_other_features_is_refused(capsys, options, match):
    config = Config.read(changes={"method.name": "hdc"})
    with pytest.raises(ValueError, match=match):
        job.check_trials(config, [{"train.learning_rate": 0.01}, options])
    # Of the command too, before any image is read.
    option = ";".join(f"{name}={value}" for name, value in options.items())
    asked = ["reality-check", "--data", "folder:nowhere", "--method", "hdc"]
    assert main([*asked, "--try", option, "--out", "never"]) == 1
    assert re.search(match, capsys.readouterr().err)


def test_interval_is_students(tmp_path):
    found = job.t_interval([1.0, 2.0, 3.0, 6.0])
    # t(0.975, 3) = 3.182446
    half = 3.182446 * np.std([1, 2, 3, 6], ddof=1) / 2
    assert found["high"] - found["value"] == pytest.approx(half, rel=1e-5)
    with pytest.raises(ValueError, match="repeats=1"):
        job.reality_check(
            *data(8, 0), *data(5, 1), None, [{}], out=tmp_path, repeats=1
        )


def test_the_last_epoch_is_looked_at():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(24, 6)).astype("float32")
    labels = np.arange(24) % 4
    config = Config.read(
        changes={
            "method.name": "proxy-nca",
            "method.dim": 4,
            "train.mode": "frozen",
            "train.epochs": 2,
            "train.validate_every": 5,
        }
    )
    found = job.train_on_features(
        features, labels, config, validation=(features, labels)
    )
    assert 0.0 <= found.best <= 1.0


def test_the_loss_of_the_anchors_counts():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(24, 6)).astype("float32")
    labels = np.arange(24) % 4
    embeddings = [
        job.train_on_features(
            features,
            labels,
            Config.read(
                changes={
                    "method.name": "triplet-a",
                    "method.dim": 4,
                    "method.triplets": 8,
                    "train.mode": "frozen",
                    "train.epochs": 1,
                    "train.learning_rate": 0.1,
                    **changes,
                }
            ),
        ).embed(features)
        for changes in ({}, {"loss.name": "focal"}, {"loss.name": "softmax"})
    ]
    assert np.abs(embeddings[0] - embeddings[1]).max() > 1e-3
    np.testing.assert_array_equal(embeddings[0], embeddings[2])
