"""An ONNX file answers as the model, at any number of pictures."""

import importlib.util
import json

import keras
import numpy as np
import pytest

from fgkeras.export.answers import KnownRule
from fgkeras.export.answers import SetRule
from fgkeras.export.folder import check_checksums
from fgkeras.export.onnx import onnx_answers
from fgkeras.export.onnx import write_onnx
from fgkeras.export.served import Served
from fgkeras.export.signatures import pixel_graph
from fgkeras.layers import KernelPooling
from fgkeras.models import backbone
from fgkeras.models import classifier
from tests.export.conftest import NAMES
from tests.export.conftest import small_model

needs_onnx = pytest.mark.skipif(
    importlib.util.find_spec("tf2onnx") is None
    or keras.backend.backend() != "tensorflow",
    reason="needs the extra onnx, and TensorFlow",
)


def test_missing_packages_are_named_with_the_way_out(tmp_path, monkeypatch):
    find = importlib.util.find_spec

    def without(name, *more):
        return None if name == "tf2onnx" else find(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    served = Served(small_model(), tuple(NAMES), 24)
    match = r'no tf2onnx.*pip install "fgkeras\[onnx\]"'
    with pytest.raises(ValueError, match=match):
        write_onnx(served, tmp_path)
    assert not list(tmp_path.iterdir())


@needs_onnx
@pytest.mark.slow
@pytest.mark.parametrize("input", ["float", "uint8"])
def test_it_answers_all_that_is_served(input, tmp_path):
    import onnxruntime

    keras.utils.set_random_seed(0)
    body = backbone("small_cnn", (32, 32, 3))
    pooling = KernelPooling(64, order=3)
    model = classifier(body, 5, pooling=pooling, embedding=6)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (4, 32, 32, 3)).astype("float32")
    logits = np.asarray(model(x), "float64")
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores = powers / powers.sum(axis=1, keepdims=True)
    sets = SetRule(0.9, "plain", np.linspace(0.1, 0.3, 5))
    energy = np.log(np.exp(logits).sum(axis=1))
    least = float(np.sort(energy)[1:3].mean())
    known = KnownRule("energy", least)
    served = Served(model, tuple(NAMES), 32, sets=sets, known=known)
    path = write_onnx(served, tmp_path, input=input)
    check_checksums(path)
    assert json.loads((path / "labels.json").read_text("utf-8")) == NAMES
    about = json.loads((path / "model-metadata.json").read_text("utf-8"))
    assert about["output"]["sets"]["level"] == 0.9
    assert about["output"]["known"]["kind"] == "energy"
    session = onnxruntime.InferenceSession(
        str(path / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    (entry,) = session.get_inputs()
    kind = "tensor(float)" if input == "float" else "tensor(uint8)"
    assert (entry.name, entry.type) == ("images", kind)
    assert entry.shape == ["batch", 32, 32, 3]
    answers = onnx_answers(path / "model.onnx")
    for rows in (slice(0, 4), slice(2, 3), slice(0, 3)):
        found = answers(x[rows].astype(about["input"]["types"][0]))
        np.testing.assert_allclose(found["logits"], logits[rows], atol=1e-4)
        np.testing.assert_allclose(
            found["probabilities"], scores[rows], atol=1e-5
        )
        np.testing.assert_array_equal(
            found["in_set"], scores[rows] >= sets.thresholds
        )
        np.testing.assert_allclose(
            found["known_score"], energy[rows], atol=1e-4
        )
        np.testing.assert_array_equal(found["known"], energy[rows] >= least)
        length = np.linalg.norm(found["embedding"], axis=1)
        np.testing.assert_allclose(length, 1, atol=1e-6)
    with pytest.raises(ValueError, match="--overwrite"):
        write_onnx(served, tmp_path)


@needs_onnx
@pytest.mark.slow
def test_a_file_that_answers_otherwise_is_not_published(tmp_path, monkeypatch):
    other = Served(small_model(seed=4), tuple(NAMES), 24)

    def graph(served, dtype):
        return pixel_graph(other, dtype)

    monkeypatch.setattr("fgkeras.export.onnx.pixel_graph", graph)
    served = Served(small_model(), tuple(NAMES), 24)
    with pytest.raises(ValueError, match=r"probabilities.*input of float"):
        write_onnx(served, tmp_path)
    assert not list(tmp_path.iterdir())


@needs_onnx
@pytest.mark.slow
def test_a_loop_over_blocks_is_refused(tmp_path, monkeypatch):
    """What every batch of more than one failed at, before."""
    import contextlib

    for place in ("signatures", "onnx"):
        name = f"fgkeras.export.{place}.open_graph"
        monkeypatch.setattr(name, contextlib.nullcontext)
    model = classifier(
        backbone("small_cnn", (32, 32, 3)), 5, pooling=KernelPooling(64)
    )
    served = Served(model, tuple(NAMES), 32)
    with pytest.raises(ValueError, match="batch 4|form in ONNX"):
        write_onnx(served, tmp_path)
    assert not list(tmp_path.iterdir())
