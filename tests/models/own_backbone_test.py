"""Backbones of users' own: by a registered name, or by module and function."""

import json
import subprocess
import sys

import keras
import pytest

from fgkeras.config import Config
from fgkeras.models import backbone
from fgkeras.models import backbone_names
from fgkeras.models import load_model
from fgkeras.models import register_backbone
from fgkeras.registries import BACKBONES

MODULE = """
import keras

def body(shape):
    x = inputs = keras.Input(shape)
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(x)
    x = keras.layers.Conv2D(12, 3, strides=4, activation="relu")(x)
    return keras.Model(inputs, x)

def pooled(shape):
    x = body(shape)
    out = keras.layers.GlobalAveragePooling2D()(x.output)
    return keras.Model(x.input, out)

def two_inputs(shape):
    a, b = keras.Input(shape), keras.Input(shape)
    return keras.Model([a, b], keras.layers.Add()([a, b]))

def other_shape(shape):
    return body((64, 64, 3))

def two_maps(shape):
    x = body(shape)
    return keras.Model(x.input, [x.output, x.output])

def unbuilt(shape):
    return keras.Sequential([keras.layers.Conv2D(4, 3)])

number = 3
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "mybodies.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("mybodies", None)


@pytest.fixture
def names(monkeypatch):
    monkeypatch.setattr(BACKBONES, "_entries", dict(BACKBONES._entries))


def test_a_registered_name_is_one_of_the_backbones(names, module):
    import mybodies

    register_backbone("mine", mybodies.body)
    assert "mine" in backbone_names()
    assert backbone("mine", (32, 32, 3)).output_shape == (None, 8, 8, 12)
    with pytest.raises(ValueError, match="'mine', which is taken"):
        register_backbone("mine", mybodies.body)
    with pytest.raises(ValueError, match="'mobilenet_v2', which is taken"):
        register_backbone("mobilenet_v2", mybodies.body)
    with pytest.raises(ValueError, match="one word"):
        register_backbone("my body", mybodies.body)
    with pytest.raises(ValueError, match="must be a function"):
        register_backbone("other", 3)
    with pytest.raises(ValueError, match="has no ImageNet weights"):
        backbone("mine", (32, 32, 3), weights="imagenet")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mybodies:pooled", r"one output, a map.*\[\(12,\)\]"),
        ("mybodies:two_inputs", "one input"),
        ("mybodies:other_shape", r"one input.*\(64, 64, 3\)"),
        ("mybodies:two_maps", "one output"),
        ("mybodies:unbuilt", "built keras.Model"),
        ("mybodies:number", "must name a function"),
        ("mybodies:absent", "no 'absent'"),
        ("nobodies:body", "'nobodies', which is not found"),
        ("mybodies:", "MODULE:NAME"),
        ("mobilenet_v9", "is one of .*module:function"),
    ],
)
def test_what_is_no_backbone_is_refused(module, name, message):
    with pytest.raises(ValueError, match=message):
        backbone(name, (32, 32, 3))


def test_a_file_that_names_a_module_is_refused_without_trust(module):
    file = module / "run.json"
    file.write_text(json.dumps({"model": {"backbone": "mybodies:body"}}))
    with pytest.raises(ValueError, match="'mybodies:body' in .*--trust"):
        Config.read(file)
    typed = {"model.backbone": "small_cnn"}
    assert Config.read(file, typed).model.backbone == "small_cnn"
    assert Config.read(file, trust=True).model.backbone == "mybodies:body"
    assert "mybodies" not in sys.modules


def fgkeras(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "fgkeras", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_body_of_ones_own_through_the_command_line(tmp_path):
    (tmp_path / "mybodies.py").write_text(MODULE)
    data = "flora:species=3,images=9,test=4,imbalance=1,size=32"
    options = ["--data", data, "--set", "data.size=32", "--mode", "frozen"]
    options += ["--epochs", "1", "--quiet"]
    body = ["--backbone", "mybodies:body"]
    ran = fgkeras(tmp_path, "train", *options, *body, "--out", "run")
    assert ran.returncode == 0, ran.stderr[-2000:]
    model = load_model(tmp_path / "run" / "model.keras")
    assert isinstance(model, keras.Model)
    assert model.get_layer("pooling").output.shape[-1] == 12
    config = str(tmp_path / "run" / "config.json")
    again = fgkeras(tmp_path, "train", "--config", config, "--out", "more")
    assert again.returncode == 1
    assert "--trust" in again.stderr
    assert not (tmp_path / "more").exists()
    ran = fgkeras(tmp_path, "evaluate", "run", "--json")
    assert ran.returncode == 0, ran.stderr[-2000:]
