"""A run and its export are asked alike."""

import functools
import json
import os

import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.plain_file import read_plain
from fgkeras.jobs import export
from fgkeras.jobs import train
from fgkeras.jobs.picture_files import picture_files
from fgkeras.jobs.predict import predict
from fgkeras.jobs.predict import predictor_of
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.views import View
from fgkeras.training.reporter import SILENT
from tests.data.images.depth_test import png16
from tests.data.images.depth_test import ramp

FLORA = "flora:species=3,images=8,test=5,imbalance=1,size=32"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A run that averages over both views, and pictures."""
    root = tmp_path_factory.mktemp("world")
    config = Config.read(
        changes={
            "data.source": FLORA,
            "data.size": 32,
            "evaluation.views": "mirror",
            "model.backbone": "small_cnn",
            "train.mode": "frozen",
            "train.epochs": 2,
            "evaluation.resamples": 0,
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(root / "cache"))
        train(config, root / "run", reporter=SILENT)
    source = open_source(FLORA)
    (root / "pictures" / "inner").mkdir(parents=True)
    for i, name in enumerate(source.split("test").ids[:6]):
        path = root / "pictures" / ("inner" if i % 2 else "") / f"{i}.png"
        path.write_bytes(source.read(name))
    (root / "pictures" / "bad.png").write_bytes(b"no picture")
    (root / "pictures" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "pictures" / "folder.png").mkdir()
    return root


@pytest.fixture(scope="module")
def exported(world):
    export(world / "run", world)
    return world / "saved_model"


@pytest.mark.slow
def test_a_run_and_its_export_answer_alike(world, exported, monkeypatch):
    monkeypatch.setattr(View, "batch_size", 4)
    rows = {
        path.name: predict(path, [world / "pictures"], top_k=2)
        for path in (world / "run", exported)
    }
    assert len(rows["run"]) == 8
    for one, other in zip(*rows.values(), strict=True):
        assert one["image"] == other["image"]
        assert one["valid"] == other["valid"]
        assert one["classes"] == other["classes"]
        assert one.get("reason") == other.get("reason")
        np.testing.assert_allclose(one["scores"], other["scores"], atol=1e-5)
    bad = {r["image"][-8:]: r["reason"] for r in rows["run"] if not r["valid"]}
    assert "text" in bad["/bad.png"]
    assert "leads nowhere" in bad["gone.png"]


@pytest.mark.slow
def test_vectors_of_a_run_and_of_its_export_are_the_same(world, exported):
    read = [
        functools.partial(read_plain, path)
        for path in picture_files([world / "pictures"])
    ]
    for one, other in zip(
        predictor_of(world / "run").stream_vectors(read),
        predictor_of(exported).stream_vectors(read),
        strict=True,
    ):
        assert one[1] == other[1]
        if one[1] is None:
            unit = one[0] / np.linalg.norm(one[0])
            np.testing.assert_allclose(unit, other[0], atol=1e-5)


def test_the_graph_has_both_views_and_the_embedding(world):
    predictor = Predictor(world / "run")
    pixels = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3))
    logits, vectors = predictor.graph().predict(pixels, verbose=0)
    score = [
        np.exp(z - z.max(1, keepdims=True))
        for z in (
            predictor.model.predict(x, verbose=0)
            for x in (pixels, pixels[:, :, ::-1])
        )
    ]
    mean = sum(s / s.sum(1, keepdims=True) for s in score) / 2
    found = np.exp(logits)
    np.testing.assert_allclose(
        found / found.sum(1, keepdims=True), mean, atol=1e-5
    )
    np.testing.assert_allclose(
        vectors, predictor.to_vectors().predict(pixels, verbose=0), atol=1e-5
    )


def test_a_graph_is_tensorflows(world, monkeypatch):
    predictor = Predictor(world / "run")
    monkeypatch.setattr(
        "fgkeras.runs.predictor.keras.backend.backend", lambda: "jax"
    )
    with pytest.raises(ValueError, match="KERAS_BACKEND=tensorflow"):
        predictor.graph()


def test_the_list_of_a_command_is_json(world, capsys):
    words = ["predict", str(world / "run"), str(world / "pictures"), "--json"]
    assert main(words) == 1
    found = json.loads(capsys.readouterr().out)
    assert found == predict(world / "run", [world / "pictures"], top_k=3)


def test_all_other_files_are_answered_before_it_fails(world, tmp_path, capsys):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    (tmp_path / "folder.jpg").mkdir()
    good = world / "pictures" / "0.png"
    (tmp_path / "folder.jpg" / "1.tif").write_bytes(good.read_bytes())
    asked = [tmp_path / "gone.jpg", pipe, "/dev/zero", tmp_path / "folder.jpg"]
    words = ["predict", str(world / "run"), *map(str, [*asked, good])]
    assert main(words) == 1
    lines = capsys.readouterr().out.splitlines()
    for line, reason in zip(
        lines, ("no such file", "but a pipe", "but a device"), strict=False
    ):
        assert reason in line
    assert lines[3].partition(": ")[2] == lines[4].partition(": ")[2]
    assert len(lines) == 5


@pytest.mark.parametrize(
    "model", ["run", pytest.param("exported", marks=pytest.mark.slow)]
)
def test_pictures_of_12_bits_are_said(request, world, tmp_path, capsys, model):
    path = world / "run"
    if model == "exported":
        path = request.getfixturevalue("exported")
    for i, largest in enumerate((4095, 1023, 65535)):
        (tmp_path / f"{i}.png").write_bytes(png16(ramp(largest)))
    good = world / "pictures" / "0.png"
    assert main(["predict", str(path), str(tmp_path), str(good)]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 4
    assert "note: 2 of 3 pictures of 16 bits use 12 of them at" in said.err
    assert "alike what is predicted" in said.err
    words = ["predict", str(path), str(tmp_path / "2.png"), str(good)]
    assert main(words) == 0
    assert "note" not in capsys.readouterr().err


def test_pictures_come_in_order_and_clutter_does_not(tmp_path):
    names = ["b/2.png", "b/10.jpg", "a-b/1.png", "a/x.TIF", "c.png"]
    for name in [*names, "a/notes.txt", ".hidden/1.png", "a/.x.png"]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = picture_files([tmp_path])
    assert found == sorted(tmp_path / name for name in names)
    assert picture_files([found[0], tmp_path / "b"]) == [found[0], *found[2:4]]
