"""A run's exports answer what it answers, and say what was measured."""

import json

import numpy as np
import pytest

import fgkeras.data
from fgkeras.config import Config
from fgkeras.evaluation import nearest_neighbors
from fgkeras.export.gallery import read_gallery
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs.exporting.served_run import read_about
from fgkeras.jobs.predict import predictions
from fgkeras.runs.predictor import Predictor
from fgkeras.runs.train import train
from fgkeras.training.reporter import SILENT

SOURCE = "flora:species=4,images=40,test=6,size=32,imbalance=4"
CHANGES = {
    "data.source": SOURCE,
    "data.size": 32,
    "model.backbone": "small_cnn",
    "data.calibration_share": 0.3,
    "train.epochs": 3,
    "evaluation.resamples": 20,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    config = Config.read(changes=CHANGES)
    folder = train(config, home / "run", reporter=SILENT)[0].path
    evaluate(
        folder,
        adjust="logit:1",
        sets="0.8:plain",
        known="nearest",
        reporter=SILENT,
    )
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    source = fgkeras.data.open(SOURCE)
    for i, name in enumerate(source.split("test").ids[::3]):
        (folder / f"{i}.jpg").write_bytes(source.read(name))
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3))
    (folder / "noise.png").write_bytes(
        fgkeras.data.images.image.encode_png(noise.astype("uint8"))
    )
    (folder / "none.jpg").write_bytes(b"\xff\xd8\xff no picture")
    return folder


@pytest.mark.slow
def test_a_saved_model_answers_as_the_run(run, photos, tmp_path):
    path = export(run, tmp_path, reporter=SILENT)
    of_run = list(predictions(run, [photos], bound=0.7))
    of_export = list(predictions(path, [photos], bound=0.7))
    assert any(len(row.get("set", ())) > 1 for row in of_run)
    assert not all(row.get("known", False) for row in of_run)
    for expected, found in zip(of_run, of_export, strict=True):
        assert expected.keys() == found.keys()
        for name in ("image", "valid", "classes", "set", "known"):
            assert found.get(name) == expected.get(name), name
        if expected["valid"]:
            assert found["answer"]["name"] == expected["answer"]["name"]
            for name in ("scores", "known_score"):
                np.testing.assert_allclose(
                    found[name], expected[name], atol=1e-5
                )


@pytest.mark.slow
@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_other_formats_answer_as_the_run(run, photos, tmp_path, format):
    path = export(run, tmp_path, format=format, reporter=SILENT)
    predictor = Predictor(run)
    files = sorted(p for p in photos.iterdir() if p.name != "none.jpg")
    from fgkeras.data.images import image

    pixels = np.stack(
        [predictor.view.crop(image.normalize(p.read_bytes())) for p in files]
    ).astype("float32")
    rows = list(predictor.stream([p.read_bytes() for p in files], top_k=4))
    if format == "onnx":
        runtime = pytest.importorskip("onnxruntime")
        session = runtime.InferenceSession(str(path / "model.onnx"))
        names = [output.name for output in session.get_outputs()]
        values = session.run(names, {"images": pixels})
        found = dict(zip(names, values, strict=True))
    else:
        litert = pytest.importorskip("ai_edge_litert.interpreter")
        interpreter = litert.Interpreter(str(path / "model.tflite"))
        found = interpreter.get_signature_runner()(images=pixels)
    names = predictor.class_names
    for i, row in enumerate(rows):
        by_name = dict(zip(row["classes"], row["scores"], strict=True))
        expected = [by_name[name] for name in names]
        np.testing.assert_allclose(
            found["probabilities"][i], expected, atol=1e-5
        )
        inside = {names[c] for c in np.flatnonzero(found["in_set"][i])}
        assert inside == set(row["set"])
        assert bool(found["known"][i]) == row["known"]


@pytest.mark.slow
def test_the_card_says_what_was_measured(run, tmp_path):
    about = tmp_path / "about.json"
    about.write_text(json.dumps({"name": "Trees", "licence": "CC0"}))
    path = export(run, tmp_path / "out", about=about, reporter=SILENT)
    card = json.loads((path / "model_card.json").read_text("utf-8"))
    (measured,) = (run / "evaluations").glob("*/metrics.json")
    metrics = json.loads(measured.read_text("utf-8"))
    assert card["name"] == "Trees"
    assert card["licence"] == "CC0"
    assert card["metrics"]["top1"] == metrics["top1"]
    assert card["metrics"]["groups"] == metrics["groups"]
    assert card["answers"]["adjustment"]["tau"] == 1
    calibration = card["calibration"]
    assert calibration["error_after"] == metrics["calibration"]["ece"]
    assert calibration["error_before"] == metrics["calibration_before"]["ece"]
    assert card["prediction_sets"]["level"] == 0.8
    coverage = metrics["sets"]["coverage"]
    assert card["prediction_sets"]["coverage"] == coverage
    assert (
        card["unknown_pictures"]["test_kept"] == metrics["known"]["test_kept"]
    )
    assert card["data"]["images"]["calibration"] > 0
    assert card["model"]["parity"]["source"] == "kept by the run"
    assert card["model"]["parity"]["probabilities"] <= 1e-5
    assert "None" not in (path / "MODEL_CARD.md").read_text("utf-8")


@pytest.mark.slow
def test_the_gallery_of_an_embedding_is_its_training(tmp_path):
    changes = {
        **CHANGES,
        "method.name": "proxy-nca",
        "data.classes": "0:2",
        "data.test_classes": "2:4",
        "train.mode": "frozen",
        "method.dim": 8,
    }
    del changes["data.calibration_share"]
    config = Config.read(changes=changes)
    folder = train(config, tmp_path / "run", reporter=SILENT)[0].path
    path = export(folder, reporter=SILENT)
    gallery = read_gallery(path)
    kept = json.loads((folder / "data.json").read_text("utf-8"))
    assert set(gallery.ids) == set(kept["images"]["train"]["ids"])
    source = fgkeras.data.open(SOURCE)
    pictures = [source.read(name) for name in gallery.ids]
    vectors = [v for v, _ in Predictor(folder).stream_vectors(pictures)]
    indices, _ = nearest_neighbors(np.stack(vectors), gallery.vectors, k=1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(len(pictures)))
    none = export(folder, tmp_path / "none", gallery="none", reporter=SILENT)
    assert read_gallery(none) is None
    with pytest.raises(ValueError, match="`gallery` is of exports as saved_"):
        export(folder, tmp_path / "o", format="onnx", gallery="train")


@pytest.mark.parametrize(
    "text", ['{"name": 3}', '{"title": "x"}', "[]", "no", '{"sets": "all"}']
)
def test_what_a_card_cannot_be_told(tmp_path, text):
    path = tmp_path / "about.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"about\.json.*purpose"):
        read_about(path)


@pytest.mark.slow
def test_the_card_is_of_the_sets_that_are_answered(tmp_path):
    config = Config.read(changes={**CHANGES, "train.epochs": 1})
    folder = train(config, tmp_path / "run", reporter=SILENT)[0].path
    for sets in ("0.5:plain", "0.9:plain", "0.7:plain", "0.9:plain"):
        metrics, _ = evaluate(folder, sets=sets, reporter=SILENT)
    metrics, _ = evaluate(folder, known="energy", reporter=SILENT)
    path = export(folder, tmp_path / "out", reporter=SILENT)
    card = json.loads((path / "model_card.json").read_text("utf-8"))
    coverage = metrics["sets"]["coverage"]
    assert card["prediction_sets"]["level"] == 0.9
    assert card["prediction_sets"]["coverage"] == coverage
    assert card["unknown_pictures"]["test_kept"]["value"] > 0


@pytest.mark.slow
def test_what_was_typed_is_refused_where_images_are_too_few(tmp_path, capsys):
    changes = {**CHANGES, "data.calibration_share": 0.02, "train.epochs": 1}
    config = Config.read(changes=changes)
    folder = train(config, tmp_path / "run", reporter=SILENT)[0].path
    for asked in ({"sets": "0.9"}, {"known": "auto"}, {"known": "nearest"}):
        with pytest.raises(ValueError, match="at least .* images"):
            evaluate(folder, reporter=SILENT, **asked)
    assert not (folder / "trust.json").exists()
    evaluate(folder, sets="none", known="none", reporter=SILENT)
