"""Runs with higher-order pooling, from config to report."""

import numpy as np
import pytest

from fgkeras.config.config import Config
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.pooling import kernel_notes
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

SMALL = {
    "data.source": "flora:species=3,images=8,test=3,size=32",
    "data.size": 32,
    "model.pooling": "kernel",
    "pooling.dim": 64,
    "pooling.order": 3,
    "train.epochs": 2,
    "evaluation.resamples": 20,
}


def run(tmp_path, **more):
    options = {**SMALL, **{k.replace("__", "."): v for k, v in more.items()}}
    config = fitting(options)
    return train(config, tmp_path / "run", reporter=SILENT)


@pytest.mark.slow
def test_two_steps_with_a_learned_kernel(tmp_path):
    folder, metrics = run(
        tmp_path,
        train__head_solver="logistic",
        train__clip=1.0,
        train__learning_rate=0.01,
        evaluation__views="mirror",
        pooling__gamma="data",
        pooling__normalize=False,
        pooling__coefficients="",
    )
    kernel = metrics["kernel"]
    assert len(kernel["before"]) == len(kernel["after"]) == 4
    assert kernel["before"] != kernel["after"]
    stages = [r["stage"] for r in rows_of(folder)]
    assert stages == ["head", "all", "all"]
    text = (folder / "report.html").read_text("utf-8")
    assert kernel_notes(kernel)[0][:40] in text
    model = load_model(folder / "model.keras")
    names = [layer.name for layer in model.layers]
    assert names[-4:] == ["pooling", "square_root", "embedding", "head"]
    np.testing.assert_allclose(
        model.get_layer("pooling").kernel_coefficients(), kernel["after"]
    )


def rows_of(folder):
    return folder.history()


@pytest.mark.slow
@pytest.mark.parametrize("learn", [True, False])
def test_frozen_features_still_learn_the_kernel(tmp_path, learn):
    _, metrics = run(
        tmp_path, train__mode="frozen", pooling__learn=learn, train__epochs=3
    )
    kernel = metrics["kernel"]
    assert np.allclose(kernel["before"], kernel["after"], atol=1e-6) != learn
    assert kernel["trained"] == learn


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_the_kernel_of_every_epoch_and_its_rate(tmp_path, mode):
    moved, rows = {}, {}
    for rate in (1.0, 20.0):
        more = {"train__pooling_rate": rate} if rate != 1 else {}
        folder, metrics = run(
            tmp_path / str(rate),
            train__mode=mode,
            train__learning_rate=1e-3,
            train__schedule="constant",
            train__optimizer="sgd",
            **more,
        )
        rows[rate] = np.array(
            [[r[f"alpha_{i}"] for i in range(4)] for r in rows_of(folder)]
        )
        assert rows[rate].shape == (2, 4)
        kernel = metrics["kernel"]
        np.testing.assert_allclose(rows[rate][-1], kernel["after"], rtol=1e-6)
        moved[rate] = np.abs(rows[rate] - kernel["before"]).max()
        text = (folder / "report.html").read_text("utf-8")
        assert "Kernel coefficients" in text
    assert 3 * moved[1.0] < moved[20.0]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_a_stopped_kernel_goes_on_exactly(tmp_path, mode):
    options = {
        **SMALL,
        "pooling.transform": "fft",
        "train.mode": mode,
        "train.pooling_rate": 5.0,
        "train.epochs": 3,
    }
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(fitting(options), whole, reporter=SILENT)
    stage = "head" if mode == "frozen" else "all"
    train(fitting(options), parts, reporter=SILENT, until=(stage, 1))
    folder, _ = train(fitting(options), parts, reporter=SILENT)
    names = [f"alpha_{i}" for i in range(4)]

    def kernels(rows):
        return [[row[name] for name in names] for row in rows]

    expected = kernels(RunFolder(whole).history())
    assert kernels(folder.history()) == expected
    assert len(expected) == 3


def test_a_rate_of_a_pooling_that_learns_nothing_is_refused():
    for more in (
        {"model.pooling": "average"},
        {"model.pooling": "compact_bilinear", "pooling.order": None},
        {"pooling.learn": False},
        {"train.mode": "frozen", "train.head_solver": "logistic"},
    ):
        options = {**SMALL, **more, "train.pooling_rate": 2.0}
        if options["model.pooling"] != "kernel":
            options = {
                k: v for k, v in options.items() if not k.startswith("pooling.")
            }
        if "train.head_solver" in more:
            del options["train.epochs"]
        with pytest.raises(ValueError, match="train.pooling_rate"):
            Config.read(changes=options.items()).resolved()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bilinear", "compact_bilinear", "average"])
def test_projection_serves_every_pooling(tmp_path, name):
    folder, metrics = run(
        tmp_path,
        model__pooling=name,
        pooling__projection=6,
        model__pooled_layer="block3_relu",
        train__epochs=1,
    )
    model = load_model(folder / "model.keras")
    size = {"bilinear": 36, "compact_bilinear": 64, "average": 6}[name]
    assert model.get_layer("pooling").output.shape[-1] == size
    assert "kernel" not in metrics


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"pooling__gamma": "wide"}, "gamma='wide'"),
        (
            {"pooling__gamma": "data", "pooling__projection": 4},
            "projection=4",
        ),
        ({"pooling__gamma": "data"}, "normalize=True"),
        ({"pooling__dim": 100}, "sketch_dim=100"),
        (
            {"train__head_solver": "logistic", "loss__name": "focal"},
            "loss.name='focal'",
        ),
        ({"model__pooling": "mean"}, "pooling='mean'"),
    ],
)
def test_bad_options(tmp_path, more, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path, **more)
