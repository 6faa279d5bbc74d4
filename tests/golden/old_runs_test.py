"""Run folders of earlier versions open, and give the numbers they hold."""

import json
import pathlib
import shutil
import zipfile

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.config.earlier import DEFAULTS
from fgkeras.config.earlier import RENAMED
from fgkeras.export import load_exported
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import retrieve
from fgkeras.jobs import train
from fgkeras.runs.run_data import NOT_COMPARED
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.training.reporter import SILENT
from tests.golden.record_old_run import FLORA
from tests.golden.record_old_run import PLACE
from tests.golden.record_old_run import RUNS
from tests.golden.record_old_run import SMALL

EMBEDDING = "embedding_b8c3370"
CLASSIFIERS = [name for name in RUNS if name != EMBEDDING]
# What an evaluation of today may say otherwise or add.
OTHERWISE = {"seconds", "notes", "definitions"}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Where the pictures lie under the name that was typed."""
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))
    shutil.copy(PLACE / "pictures.zip", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def copied(name, place):
    return pathlib.Path(shutil.copytree(PLACE / name, place / name))


def files_of(place, ids):
    """Unpacks some of the pictures."""
    with zipfile.ZipFile(place / "pictures.zip") as pictures:
        return [pathlib.Path(pictures.extract(i, place / "p")) for i in ids]


def saved(folder, name):
    with np.load(folder / name, allow_pickle=False) as found:
        return dict(found)


def compare(new, old, where="metrics"):
    """Every number of the old is in the new, alike."""
    if isinstance(old, dict):
        for key in set(old) - OTHERWISE:
            compare(new[key], old[key], f"{where}.{key}")
    elif isinstance(old, list):
        assert len(new) == len(old), where
        for i, (a, b) in enumerate(zip(new, old, strict=True)):
            compare(a, b, f"{where}[{i}]")
    elif isinstance(old, float):
        assert new == pytest.approx(old, rel=1e-3, abs=1e-4), where
    else:
        assert new == old, where


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_evaluate_gives_the_numbers_of_the_training(place, name):
    run = copied(name, place)
    metrics, out = evaluate(run, reporter=SILENT)
    compare(metrics, json.loads((run / "metrics.json").read_text()))
    for file, key in (
        ("predictions.npz", "logits"),
        ("embeddings.npz", "embeddings"),
    ):
        assert (run / file).exists() == (out / file).exists()
        if (run / file).exists():
            was, now = saved(run, file), saved(out, file)
            assert was["ids"].tolist() == now["ids"].tolist()
            np.testing.assert_array_equal(was["labels"], now["labels"])
            np.testing.assert_allclose(now[key], was[key], rtol=0, atol=1e-4)
    # It does not say that images were compared whose contents nobody noted.
    without = not (run / "data.json").exists()
    assert (NOT_COMPARED in metrics.get("notes", ())) == without


def test_the_oldest_run_misses_an_image_that_went(place):
    run = copied("classifier_fa44eb5", place)
    recorded = saved(run, "predictions.npz")["ids"]
    gone = str(recorded[0])
    with zipfile.ZipFile(place / "pictures.zip") as old:
        rest = {i: old.read(i) for i in old.namelist() if i != gone}
    with zipfile.ZipFile(place / "pictures.zip", "w") as new:
        for member, data in rest.items():
            new.writestr(member, data)
    with pytest.raises(ValueError, match="1 went") as error:
        evaluate(run, reporter=SILENT)
    assert gone in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_predict_and_export_answer_as_the_training_did(place, name):
    run = copied(name, place)
    was = saved(run, "predictions.npz")
    loss = RUNS[name][1].get("loss.name", "softmax")
    kind = "softmax" if loss == "softmax" else "sigmoid"
    expected = scores_of(was["logits"], kind)
    names = json.loads((run / "classes.json").read_text())["class_names"]
    files = files_of(place, was["ids"].tolist())
    exported = load_exported(export(run, place / "served"))
    data = [file.read_bytes() for file in files]
    served = exported.run("probabilities", data)["probabilities"]
    np.testing.assert_allclose(served, expected, rtol=0, atol=1e-4)
    for row, scores in zip(predict(run, files, top_k=3), expected, strict=True):
        given = [scores[names.index(c)] for c in row["classes"]]
        np.testing.assert_allclose(row["scores"], given, rtol=0, atol=1e-4)
        assert len(set(row["classes"])) == 3


@pytest.mark.slow
def test_export_of_the_embedding_embeds_as_the_training_did(place):
    run = copied(EMBEDDING, place)
    was = saved(run, "embeddings.npz")
    files = files_of(place, was["ids"].tolist())
    exported = load_exported(export(run, place / "served"))
    vectors = exported.run("embed", [f.read_bytes() for f in files])
    np.testing.assert_allclose(
        vectors["embedding"], was["embeddings"], rtol=0, atol=1e-4
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_retrieve_finds_the_nearest_of_its_images(place, name):
    run = copied(name, place)
    file = "embeddings.npz" if name == EMBEDDING else "predictions.npz"
    was = saved(run, file)
    ids = was["ids"].tolist()
    files = files_of(place, ids)
    found = retrieve(run, files, split="test", top=len(ids), reporter=SILENT)
    without = not (run / "data.json").exists()
    assert found["notes"] == ([NOT_COMPARED] if without else [])
    for i, query in enumerate(found["queries"]):
        first = query["neighbors"][0]
        assert first["similarity"] == pytest.approx(1, abs=1e-4)
        assert {hit["id"] for hit in query["neighbors"]} == set(ids)
        if name == EMBEDDING:
            cosines = was["embeddings"] @ was["embeddings"][i]
            for hit in query["neighbors"]:
                cosine = cosines[ids.index(hit["id"])]
                assert hit["similarity"] == pytest.approx(cosine, abs=1e-4)


@pytest.mark.parametrize("name", RUNS)
def test_the_config_of_an_old_run_asks_for_the_same_run(name):
    path = PLACE / name / "config.json"
    kept = Config.of_run(json.loads(path.read_text()))
    again = Config.read(path)
    options = {
        RENAMED.get(option, option): value
        for option, value in {**SMALL, **RUNS[name][1]}.items()
    }
    # What was the default then is asked for where it is another now.
    asked = {n: v for n, v in again.asked.items() if DEFAULTS.get(n) != v}
    assert asked == Config.read(changes=options).asked
    assert again.resolved().flat() == kept.flat()
    assert kept.evaluation.resamples == SMALL["bootstrap"]
    assert kept.train.replicas == "all"
    assert kept.pooling.projection == "none"


@pytest.mark.parametrize("name", RUNS)
def test_the_finished_run_is_its_own(place, name):
    run = copied(name, place)
    config = Config.read(run / "config.json")
    before = (run / "metrics.json").read_bytes()
    folder, metrics = train(config, run, reporter=SILENT)
    compare(metrics, json.loads(before))
    without = not (run / "data.json").exists()
    assert (NOT_COMPARED in metrics.get("notes", ())) == without
    assert (run / "metrics.json").read_bytes() == before
    with pytest.raises(ValueError, match="seed: 3 there, 4 asked"):
        train(config.with_options({"seed": 4}), run, reporter=SILENT)


def test_the_pictures_are_those_of_the_flora():
    with zipfile.ZipFile(PLACE / "pictures.zip") as pictures:
        classes = {name.split("/")[1] for name in pictures.namelist()}
    assert len(classes) == int(FLORA.split("species=")[1].split(",")[0])
