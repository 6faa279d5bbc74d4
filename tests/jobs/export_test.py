"""A run in each format, and what is refused."""

import json

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.export.litert import litert_answers
from fgkeras.export.onnx import onnx_answers
from fgkeras.jobs import export
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train
from fgkeras.training.reporter import SILENT

TINY = {
    "data.source": "flora:species=3,images=6,test=3,imbalance=1,size=32",
    "data.size": 16,
    "data.input": "arrays",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 1,
    "evaluation.resamples": 0,
}


@pytest.fixture
def run(tmp_path):
    def make(**changes):
        config = Config.read(changes={**TINY, **changes})
        return train(config, tmp_path / "run", reporter=SILENT)[0]

    return make


def test_what_a_format_does_not_take_is_refused(run, capsys):
    folder = run()
    with pytest.raises(ValueError, match="`top_k` is .*format='litert'"):
        export(folder.path, format="litert", top_k=3)
    with pytest.raises(ValueError, match="`input` is .*litert or onnx"):
        export(folder.path, input="uint8")
    with pytest.raises(ValueError, match="--input.*'int8'"):
        export(folder.path, format="litert", input="int8")
    with pytest.raises(ValueError, match="saved_model, litert, onnx.*'caffe'"):
        export(folder.path, format="caffe")
    assert main(["export", str(folder.path), "--format", "SavedModel"]) == 1
    assert "Did you mean saved_model?" in capsys.readouterr().err
    assert not (folder.path / "litert").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["litert", "onnx"])
def test_a_file_of_pixels_answers_what_the_run_does(run, kind, capsys):
    if kind == "onnx":
        pytest.importorskip("tf2onnx")
    folder = run(**{"loss.name": "sigmoid", "evaluation.views": "mirror"})
    assert main(["export", str(folder.path), "--format", kind]) == 0
    path = folder.path / kind / "1"
    assert capsys.readouterr().out.strip() == str(path)
    predictor = Predictor(folder)
    names = json.loads((path / "labels.json").read_text("utf-8"))
    assert tuple(names) == predictor.class_names
    about = json.loads((path / "model-metadata.json").read_text("utf-8"))
    assert about["parity"]["source"] == "kept by the run"
    assert about["parity"]["pictures"] == 9
    x = np.random.default_rng(0).uniform(0, 255, (3, 16, 16, 3))
    x = x.astype("float32")
    logits = predictor.to_logits().predict(x, verbose=0)
    opened = {"litert": litert_answers, "onnx": onnx_answers}[kind]
    suffix = {"litert": "tflite", "onnx": "onnx"}[kind]
    found = opened(path / f"model.{suffix}")(x)["probabilities"]
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)), atol=1e-5)


@pytest.mark.slow
def test_above_its_tolerance_nothing_is_written(run, capsys):
    folder = run()
    command = ["export", str(folder.path), "--format", "litert"]
    assert main([*command, "--tolerance", "0"]) == 1
    said = capsys.readouterr().err
    assert "tolerance=0" in said
    assert "Nothing was written" in said
    assert not (folder.path / "litert").exists()
    assert main([*command, "--tolerance", "1e-4"]) == 0


@pytest.mark.slow
def test_the_earlier_name_of_a_format_and_a_run_without_pictures(run):
    folder = run()
    (folder / "parity_pictures.npz").unlink()
    path = export(folder.path, format="savedmodel")
    assert path == folder.path / "saved_model" / "1"
    about = json.loads((path / "model-metadata.json").read_text("utf-8"))
    assert about["parity"]["source"] == "drawn"
    assert about["parity"]["pictures"] == 8


@pytest.mark.slow
def test_top_k_of_a_run_without_classes_is_refused(run):
    folder = run(
        **{
            "method.name": "proxy-nca",
            "data.classes": "0:2",
            "data.test_classes": "2:3",
        }
    )
    with pytest.raises(ValueError, match="a run of 0 known classes"):
        export(folder.path, top_k=3)
    assert export(folder.path).name == "1"
