"""Runs of a cascade of embeddings: trained, gone on with, asked, exported."""

import keras
import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.models.levels import pooled_maps
from fgkeras.runs.embedding.feature_training import train_on_features
from fgkeras.runs.embedding.features import level_lengths
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.roles import Roles
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

FLORA = "flora:species=6,images=16,test=6,imbalance=2,size=32,seed=3"
SMALL = {
    "data.source": FLORA,
    "data.size": 32,
    "data.batch_size": 12,
    "method.name": "hdc",
    "method.dim": 12,
    "train.mode": "frozen",
    "train.epochs": 2,
    "evaluation.resamples": 20,
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def run(out, until=None, **changes):
    names = {k.replace("__", "."): v for k, v in changes.items()}
    config = fitting({**SMALL, **names})
    return train(config, out, until=until, reporter=SILENT)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_stopped_run_ends_with_the_same_weights(tmp_path, mode):
    run(tmp_path / "whole", train__mode=mode)
    run(tmp_path / "cut", until=("embedding", 1), train__mode=mode)
    run(tmp_path / "cut", train__mode=mode)
    one, two = (
        load_model(tmp_path / name / "model.keras") for name in ("whole", "cut")
    )
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.slow
def test_the_kernel_of_every_level_and_its_rate(tmp_path):
    changes = {
        "model__pooling": "kernel",
        "pooling__dim": 16,
        "pooling__order": 2,
        "pooling__learn": True,
        "train__mode": "finetune",
        "train__optimizer": "sgd",
        "train__schedule": "constant",
    }
    columns = [f"alpha_{k}_{i}" for k in (1, 2, 3) for i in range(3)]
    moved = {}
    for rate in (1.0, 20.0):
        more = {"train__pooling_rate": rate} if rate != 1 else {}
        folder, _ = run(tmp_path / str(rate), **changes, **more)
        rows = np.array(
            [[float(row[name]) for name in columns] for row in folder.history()]
        )
        model = load_model(folder / "model.keras")
        learned = [
            model.get_layer(f"pooling_{k}").kernel_coefficients()
            for k in (1, 2, 3)
        ]
        np.testing.assert_allclose(rows[-1], np.ravel(learned), rtol=1e-5)
        start = model.get_layer("pooling_1").scale.start
        moved[rate] = np.abs(rows[-1].reshape(3, 3) - start).max(1)
        text = (folder / "report.html").read_text("utf-8")
        assert "Kernel coefficients of level 3" in text
    assert (3 * moved[1.0] < moved[20.0]).all()


@pytest.mark.slow
def test_answers_and_every_export(tmp_path):
    folder, metrics = run(
        tmp_path / "run", method__levels="block2_relu,block5_relu"
    )
    again, _ = evaluate(folder.path, reporter=SILENT)
    assert again["retrieval"] == metrics["retrieval"]
    photo = tmp_path / "photo.png"
    keras.utils.save_img(photo, np.full((32, 32, 3), 90))
    ours = predict(folder.path, [photo])[0]
    for name in ("saved_model", "litert", "onnx"):
        if name == "onnx":
            pytest.importorskip("tf2onnx")
        saved = export(folder.path, tmp_path / name, format=name)
        if name == "saved_model":
            served = predict(saved, [photo])[0]
            np.testing.assert_allclose(
                ours["scores"], served["scores"], atol=1e-5
            )
    predictor = Predictor(folder.path)
    vectors = predictor.model
    assert [x.shape[-1] for x in pooled_maps(vectors)] == [64, 192]
    answer = next(predictor.stream_answers([photo.read_bytes()]))
    scores, vector, body, reason = answer
    assert reason is None
    assert (len(scores), len(vector), len(body)) == (6, 12, 64 + 192)
    np.testing.assert_allclose(np.linalg.norm(vector), 1.0, rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"method.dim": 8}, "3 levels of hdc have equal parts.*method.dim=8"),
        ({"method.levels": "a"}, "two levels or more.*method.levels=a"),
        ({"method.levels": "a,a"}, "two levels or more.*method.levels=a,a"),
        ({"model.pooled_layer": "block2_relu"}, "every --method but hdc"),
        ({"method.options": "fraction=0.5:0.2:0.1"}, "for 3 levels.*or 2"),
        ({"method.options": "fraction=0"}, r"fraction must lie in \(0, 1\]"),
        (
            {
                "model.pooling": "kernel",
                "pooling.gamma": "data",
                "pooling.normalize": False,
            },
            "a cascade pools several",
        ),
        (
            {"method.name": "margin", "method.levels": "a,b"},
            "used by --method hdc",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, match):
    with pytest.raises(ValueError, match=match):
        Config.read(changes={**SMALL, **changes}).resolved()


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"method__levels": "nolayer,other"}, "layers of small_cnn.*'nolayer'"),
        ({"method__levels": "block5_relu,block2_relu"}, "shallow to deep"),
        (
            {"model__backbone": f"{__name__}:one_size"},
            "one_size, with 1 known sizes",
        ),
    ],
)
def test_levels_that_a_body_has_not_are_refused_at_once(
    tmp_path, monkeypatch, changes, match
):
    def read(*args):
        raise AssertionError("images were read")

    monkeypatch.setattr(Roles, "read", read)
    before = keras.layers.ReLU().name
    with pytest.raises(ValueError, match=match):
        run(tmp_path / "run", **changes)
    # The body that was looked at counts among nobody's names.
    after = keras.layers.ReLU().name
    assert int(after.split("_")[-1]) == int(f"0{before[5:]}") + 1


def one_size(shape):
    """A body whose map has one size alone."""
    images = keras.Input(shape)
    x = keras.layers.Conv2D(12, 3, strides=2)(images)
    return keras.Model(images, keras.layers.ReLU()(x), name="one_size")


def test_on_features_made_before():
    changes = {**SMALL, "model.backbone": "small_cnn"}
    config = fitting({k: v for k, v in changes.items() if k != "data.size"})
    labels = np.repeat(np.arange(4), 4)
    features = np.random.default_rng(0).normal(size=(16, 9))
    trained = train_on_features(features, labels, config, lengths=[2, 3, 4])
    assert trained.embed(features).shape == (16, 12)
    with pytest.raises(ValueError, match="'hdc', lengths=None"):
        train_on_features(features, labels, config)
    two = config.with_options({"method.levels": "block4_relu,block5_relu"})
    with pytest.raises(ValueError, match=r"lengths=\[2, 3, 4\] for 2 levels"):
        train_on_features(features, labels, two, lengths=[2, 3, 4])
    other = config.with_options({"method.name": "contrastive"})
    with pytest.raises(ValueError, match=r"'contrastive', lengths=\[9\]"):
        train_on_features(features, labels, other, lengths=[9])
    assert level_lengths(config) == [96, 128, 192]
    assert level_lengths(other) is None


def test_how_many_numbers_by_itself():
    def dim(**changes):
        config = {"method.name": "hdc", "data.source": FLORA, **changes}
        return Config.read(changes=config).resolved().method.dim

    assert dim() == 384
    assert dim(**{"method.levels": "a,b"}) == 256
