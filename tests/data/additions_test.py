"""A source and a cut of somebody's own: a module and one line each."""

import json

import pytest

import fgkeras.data
from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.registries import CUTS
from fgkeras.registries import SOURCES
from fgkeras.training.reporter import SILENT

SOURCE = '''
"""Squares of one colour."""

import numpy as np

from fgkeras.data.images.image import encode_png
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split


class Squares(Source):
    def __init__(self, side, *, skip_bad=False):
        self.side = int(side)
        splits = {}
        for split, count in (("train", 4), ("test", 2)):
            ids = tuple(f"{split}/{i}" for i in range(3 * count))
            splits[split] = Split(ids, np.arange(3 * count) % 3)
        super().__init__(
            f"squares:{side}", ("red", "green", "blue"), splits
        )

    def read(self, image_id):
        pixels = np.zeros((self.side, self.side, 3), "uint8")
        pixels[..., int(image_id.partition("/")[2]) % 3] = 200
        return encode_png(pixels)
'''
CUT = '''
"""Every so many images."""


def every_cut(source, step, *, split="train", seed=0):
    return source.select(split, range(0, len(source.split(split)), step))
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The modules, each with its one line."""
    (tmp_path / "my_squares.py").write_text(SOURCE)
    (tmp_path / "my_cut.py").write_text(CUT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(SOURCES, "_entries", dict(SOURCES._entries))
    monkeypatch.setattr(CUTS, "_entries", dict(CUTS._entries))
    fgkeras.data.register_source("squares", "my_squares:Squares")
    fgkeras.data.register_cut("every", "my_cut:every_cut", step=int)


@pytest.mark.usefixtures("added")
def test_they_are_looked_at(capsys):
    arguments = ["data", "info", "squares:20", "--long-tail", "every:2"]
    assert main([*arguments, "--json"]) in (0, None)
    found = json.loads(capsys.readouterr().out)
    assert found["class_names"] == ["red", "green", "blue"]
    assert found["splits"]["train"]["counts"] == [2, 2, 2]
    assert found["splits"]["test"]["counts"] == [2, 2, 2]
    assert found["images"]["width"]["max"] == 20


@pytest.mark.usefixtures("added")
def test_they_are_named_where_names_are_listed():
    with pytest.raises(ValueError, match="squares"):
        fgkeras.data.open("circles:20")
    with pytest.raises(ValueError, match="every:STEP"):
        Config.read(changes={"data.cut": "every:x"})


@pytest.mark.slow
@pytest.mark.usefixtures("added")
def test_they_are_trained_on(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    config = Config.read(
        changes={
            "data.source": "squares:20",
            "data.cut": "every:2",
            "data.size": 16,
            "model.backbone": "small_cnn",
            "train.mode": "frozen",
            "train.epochs": 1,
            "evaluation.resamples": 0,
        }
    )
    folder, metrics = train(config, tmp_path / "run", reporter=SILENT)
    data = json.loads((folder / "data.json").read_text())
    assert data["images"]["train"]["ids"] == [
        f"train/{i}" for i in range(0, 12, 2)
    ]
    assert data["sources"]["source"]["absolute"] == "squares:20"
    assert train(config, tmp_path / "run", reporter=SILENT)[1] == metrics
