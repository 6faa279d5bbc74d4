"""A run in each format, and what is refused."""

import json

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config
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
    with pytest.raises(ValueError, match="`top_k` is .*'litert', a run of 3"):
        export(folder.path, format="litert", top_k=3)
    with pytest.raises(ValueError, match="savedmodel, litert.*'onnx'"):
        export(folder.path, format="onnx")
    assert main(["export", str(folder.path), "--format", "SavedModel"]) == 1
    assert "Did you mean savedmodel?" in capsys.readouterr().err
    assert not (folder.path / "litert").exists()


@pytest.mark.slow
def test_litert_answers_what_the_run_does(run, tmp_path, capsys):
    import tensorflow as tf

    folder = run(**{"loss.name": "sigmoid", "evaluation.views": "mirror"})
    assert main(["export", str(folder.path), "--format", "litert"]) == 0
    path = folder.path / "litert" / "1"
    assert capsys.readouterr().out.strip() == str(path)
    predictor = Predictor(folder)
    names = json.loads((path / "labels.json").read_text("utf-8"))
    assert tuple(names) == predictor.class_names
    x = np.random.default_rng(0).uniform(0, 255, (1, 16, 16, 3))
    x = x.astype("float32")
    logits = predictor.to_logits().predict(x, verbose=0)
    interpreter = tf.lite.Interpreter(str(path / "model.tflite"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    found = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)), atol=1e-5)


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
