"""Neighbours of image files, from an untrained run on small flowers."""

import json
import pathlib

import keras
import numpy as np
import pytest

from fgkeras.cli.main import main
from fgkeras.config import Config
from fgkeras.data.open import open as open_source
from fgkeras.evaluation import nearest_neighbors
from fgkeras.jobs import RunFolder
from fgkeras.jobs import retrieve
from fgkeras.jobs.retrieve import query_names
from fgkeras.models import embedding_model
from fgkeras.runs.classifier.network import make_classifier
from fgkeras.storage import write_json
from fgkeras.training.reporter import SILENT

FLORA = "flora:species=4,images=9,test=3,imbalance=1,size=32,seed=3"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("retrieve")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FGKERAS_CACHE", str(root / "cache"))
        config = Config.read(
            changes={
                "data.source": FLORA,
                "data.size": 32,
                "model.backbone": "small_cnn",
            }
        ).resolved()
        folder = RunFolder(root / "run")
        folder.start(config)
        keras.utils.set_random_seed(0)
        make_classifier(config, 4).save(folder / "model.keras")
        source = open_source(FLORA)
        known = {"class_names": source.class_names}
        known["train_counts"] = source.counts("train").tolist()
        write_json(folder / "classes.json", known)
        for i in (0, 20):
            image_id = source.split("train").ids[i]
            path = root / "queries" / f"{i}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(source.read(image_id))
        yield root


@pytest.mark.slow
def test_an_image_of_the_gallery_finds_itself(run):
    found = retrieve(run / "run", [run / "queries"], top=4, reporter=SILENT)
    ids = open_source(FLORA).split("train").ids
    assert found["num_gallery"] == len(ids) == 36
    for row, i in zip(found["queries"], (0, 20), strict=True):
        first = row["neighbors"][0]
        assert first["id"] == ids[i]
        assert first["similarity"] == pytest.approx(1, abs=1e-5)
        assert len(row["neighbors"]) == 4
        classes = [entry["class"] for entry in row["neighbors"]]
        vote = row["vote"]
        assert vote["count"] == classes.count(vote["class"])
        assert all(classes.count(name) <= vote["count"] for name in classes)
        # Of equals the one whose first image is nearer.
        most = [c for c in classes if classes.count(c) == vote["count"]]
        assert vote["class"] == most[0]
    assert len(list((run / "cache" / "features").glob("*.npy"))) == 1


def test_agrees_with_the_embeddings(run):
    from fgkeras.data.batches import arrays
    from fgkeras.models import load_model

    source = open_source(FLORA)
    part = source.split("train")
    pixels = np.stack(
        [arrays.evaluation_crop(source.read(i), 32) for i in part.ids]
    )
    model = embedding_model(load_model(run / "run" / "model.keras"))
    x = model.predict(pixels.astype("float32"), verbose=0)
    near, scores = nearest_neighbors(x[[0, 20]], x, k=3)
    found = retrieve(run / "run", [run / "queries"], top=3, reporter=SILENT)
    for row, indices, values in zip(
        found["queries"], near, scores, strict=True
    ):
        assert [n["id"] for n in row["neighbors"]] == [
            part.ids[i] for i in indices
        ]
        assert [n["class"] for n in row["neighbors"]] == [
            source.class_names[part.labels[i]] for i in indices
        ]
        got = [n["similarity"] for n in row["neighbors"]]
        np.testing.assert_allclose(got, values, atol=1e-4)


def test_command_with_another_gallery_page_and_bad_file(run, capsys):
    bad = run / "bad.jpg"
    bad.write_bytes(b"no image")
    command = [
        "retrieve",
        str(run / "run"),
        "--query",
        str(bad),
        str(run / "queries" / "0.png"),
        "--gallery",
        FLORA,
        "--split",
        "test",
        "--top",
        "99",
        "--html",
        str(run / "found.html"),
    ]
    assert main([*command, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [row["valid"] for row in found["queries"]] == [False, True]
    assert found["queries"][0]["reason"]
    assert len(found["queries"][1]["neighbors"]) == found["num_gallery"] == 12
    page = (run / "found.html").read_text("utf-8")
    assert page.count("<img ") == 13
    # By its folder too: files of many folders have the same names.
    assert "queries/<wbr>0.png" in page
    vote = found["queries"][1]["vote"]
    assert f"{vote['count']} of 12: " in page
    assert main([*command, "--quiet"]) == 1
    out = capsys.readouterr().out
    assert "not an image that can be read" in out
    assert "page: " in out
    assert f"0.png  ({vote['count']} of 12: {vote['class']})" in out


def test_refuses_what_does_not_fit(run):
    with pytest.raises(ValueError, match="top=0"):
        retrieve(run / "run", [run / "queries"], top=0)
    found = retrieve(run / "run", [run / "nothing.jpg"], reporter=SILENT)
    (row,) = found["queries"]
    assert not row["valid"]
    assert row["reason"] == "there is no such file"


def test_queries_are_named_from_the_folder_that_all_are_in(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    here = pathlib.Path.cwd()
    # Relative beside absolute ones ended in an error after the work.
    found = query_names([pathlib.Path("a/1.jpg"), here / "b" / "1.jpg"])
    assert found == [f"{here.name}/a/1.jpg", f"{here.name}/b/1.jpg"]
    assert query_names([pathlib.Path("a/1.jpg")]) == ["a/1.jpg"]
    assert query_names([pathlib.Path("/1.jpg")]) == ["1.jpg"]
