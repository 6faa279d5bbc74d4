"""What is measured is what serves: evaluate = predict = retrieve = export."""

import itertools
import json
import pathlib

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.export import load_exported
from fgkeras.jobs import evaluate
from fgkeras.jobs import export
from fgkeras.jobs import predict
from fgkeras.jobs import retrieve
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.runs.outcome import activation_of
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.storage import write_json
from fgkeras.training.reporter import SILENT
from tests.export.conftest import picture
from tests.runs.fitting import fitting
from tests.runs.untrained import untrained

NAMES = ("ash", "elm", "fir", "oak")
SMALL = {
    "data.size": 32,
    "model.backbone": "small_cnn",
    "pooling.dim": 64,
    "pooling.order": 2,
    "pooling.units": 32,
    "method.dim": 8,
    "evaluation.resamples": 0,
}
VIEWS = {
    "whole": {},
    "centre": {"data.resize": 40},
    "mirror": {"evaluation.views": "mirror"},
}
HEADS = ("softmax", "sigmoid", "focal")
POOLINGS = (
    "average",
    "bilinear",
    "compact_bilinear",
    "fully_connected",
    "kernel",
    "max",
)
EMBEDDINGS = ("none", "unit:10", "16")
TASKS = {
    "closed": {"method.name": "triplet"},
    "unseen": {
        "method.name": "triplet",
        "data.classes": "0:2",
        "data.test_classes": "2:4",
    },
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of four classes, none of whose images is a square."""
    root = tmp_path_factory.mktemp("photos")
    for i, name in enumerate(NAMES):
        for split, count in (("train", 3), ("test", 2)):
            (root / split / name).mkdir(parents=True)
            for j in range(count):
                width, height = (60, 45) if j % 2 else (41, 70)
                seed = 100 * i + 10 * j + len(split)
                (root / split / name / f"{j}.jpg").write_bytes(
                    picture(seed, width=width, height=height)
                )
    return root


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FGKERAS_CACHE", str(tmp_path / "cache"))


def config_of(photos, **options):
    source = {"data.source": f"folder:{photos}"}
    return fitting({**SMALL, **source, **options})


def check(folder, config, photos, tmp_path):
    """Compares all verbs on the test images of a run."""
    found, place = evaluate(
        folder.path, out=tmp_path / "again", reporter=SILENT
    )
    unseen = not found.get("closed_set", True)
    with np.load(
        place / ("embeddings.npz" if unseen else "predictions.npz")
    ) as saved:
        ids = saved["ids"].tolist()
        if not unseen:
            measured = scores_of(saved["logits"], activation_of(config))
    files = [photos / "test" / i.removeprefix("test/") for i in ids]
    data = [file.read_bytes() for file in files]
    exported = load_exported(export(folder.path, tmp_path / "served"))
    vectors = exported.run("embed", data)["embedding"]
    assert vectors.std(axis=0).max() > 1e-3
    if config.method.name != "softmax":
        with np.load(place / "embeddings.npz") as saved:
            np.testing.assert_allclose(
                vectors, saved["embeddings"], rtol=0, atol=1e-5
            )
    test = f"folder:{photos}"
    nearest = retrieve(
        folder.path,
        files[:3],
        gallery=test,
        split="test",
        top=99,
        reporter=SILENT,
    )["queries"]
    own = dict(zip(files, vectors, strict=True))
    for query in nearest:
        for hit in query["neighbors"]:
            other = photos / "test" / hit["id"].removeprefix("test/")
            if other in own:
                cosine = own[other] @ own[pathlib.Path(query["image"])]
                assert hit["similarity"] == pytest.approx(cosine, abs=1e-5)
    if unseen:
        assert exported.class_names == ()
        for model in (folder.path, exported.path):
            with pytest.raises(ValueError, match="fgkeras retrieve"):
                predict(model, files)
        return
    assert measured.std(axis=0).max() > 1e-3
    served = exported.run("probabilities", data)["probabilities"]
    np.testing.assert_allclose(served, measured, rtol=0, atol=1e-5)
    for model in (folder.path, exported.path):
        rows = predict(model, files, top_k=len(NAMES))
        for row, expected in zip(rows, measured, strict=True):
            scores = [expected[NAMES.index(c)] for c in row["classes"]]
            np.testing.assert_allclose(row["scores"], scores, rtol=0, atol=1e-5)
            assert row["scores"] == sorted(row["scores"], reverse=True)


def grid():
    """Every view with every head and pooling, each pooling with every end.

    The slow tests see each pair of them, the exhaustive ones all.
    """
    for a, b, c in itertools.product(range(3), range(3), range(6)):
        pairs = (a + b + c) % 3 == 0
        yield pytest.param(
            list(VIEWS)[a],
            HEADS[b],
            POOLINGS[c],
            EMBEDDINGS[(a + b // 2 + c // 3 + 2) % 3],
            marks=pytest.mark.slow if pairs else pytest.mark.exhaustive,
        )


@pytest.mark.parametrize(("view", "head", "pooling", "embedding"), grid())
def test_classifiers(photos, tmp_path, view, head, pooling, embedding):
    config = config_of(
        photos,
        **VIEWS[view],
        **{
            "loss.name": head,
            "model.pooling": pooling,
            "model.embedding": embedding,
        },
    )
    check(untrained(config, tmp_path / "run"), config, photos, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("views", "head", "adjust"),
    [
        ("center", "softmax", "logit:1.5"),
        ("5-crop", "sigmoid", "logit:1"),
        ("12-crop", "softmax", "tau-norm:0.5"),
        ("12-crop", "focal", "none"),
    ],
)
def test_views_and_adjustment(photos, tmp_path, views, head, adjust):
    more = {"data.resize": 40, "evaluation.views": views, "loss.name": head}
    config = config_of(photos, **more)
    folder = untrained(config, tmp_path / "run")
    known = {**folder.classes(), "train_counts": [9, 4, 3, 1]}
    write_json(folder / "classes.json", known)
    plain, _ = evaluate(folder.path, out=tmp_path / "plain", reporter=SILENT)
    evaluate(folder.path, out=tmp_path / "kept", adjust=adjust, reporter=SILENT)
    check(folder, config, photos, tmp_path)
    kept = tmp_path / "again" / "metrics.json"
    kept = json.loads(kept.read_text("utf-8"))
    assert kept["views"] == views
    assert (kept["adjustment"] is None) == (adjust == "none")
    changed = kept["calibration"] != plain["calibration"]
    assert changed == (adjust != "none")


def embedding_grid():
    """Every task with every view and pooling.

    The slow tests see each pooling and each task with each view; poolings with
    views are seen with classifiers.
    """
    ways = list(itertools.product(TASKS, ("whole", "centre")))
    for i, (task, view) in enumerate(ways):
        for j, pooling in enumerate(POOLINGS):
            seen = j % len(ways) == i
            marks = pytest.mark.slow if seen else pytest.mark.exhaustive
            yield pytest.param(task, view, pooling, marks=marks)


@pytest.mark.parametrize(("task", "view", "pooling"), embedding_grid())
def test_embeddings(photos, tmp_path, task, view, pooling):
    config = config_of(
        photos, **VIEWS[view], **TASKS[task], **{"model.pooling": pooling}
    )
    check(untrained(config, tmp_path / "run"), config, photos, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"evaluation.views": "mirror", "train.mode": "frozen"},
        {"evaluation.views": "mirror", "loss.name": "focal", "data.resize": 36},
        {"model.pooling": "bilinear", "model.embedding": "none"},
        TASKS["closed"],
        {**TASKS["unseen"], "train.mode": "frozen"},
        {**TASKS["unseen"], "method.name": "hdml-npair"},
    ],
)
def test_trained_runs(photos, tmp_path, options):
    config = config_of(
        photos, **{"train.epochs": 1, "data.batch_size": 8, **options}
    )
    folder, metrics = train(config, tmp_path / "run", reporter=SILENT)
    again, _ = evaluate(folder.path, out=tmp_path / "more", reporter=SILENT)
    name = "retrieval" if "retrieval" in metrics else "top1"
    assert again[name] == metrics[name]
    check(folder, config, photos, tmp_path)


def test_mirrors_of_embeddings_are_refused(photos, tmp_path):
    config = Config.read(
        changes={
            "data.source": f"folder:{photos}",
            **VIEWS["mirror"],
            **TASKS["closed"],
        }
    )
    with pytest.raises(ValueError, match="views. does nothing.*classi"):
        train(config, tmp_path / "run", reporter=SILENT)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_saturated_sigmoids_are_ranked_by_their_logits(photos, tmp_path):
    config = config_of(photos, **{"loss.name": "sigmoid"})
    folder = untrained(config, tmp_path / "run")
    model = load_model(folder / "model.keras")
    kernel, _ = model.get_layer("head").get_weights()
    # 1 / (1 + exp(-40)) and 1 / (1 + exp(-50)) are the same number.
    model.get_layer("head").set_weights(
        [0 * kernel, np.array([0, 40, 30, 50], "float32")]
    )
    model.save(folder / "model.keras")
    row = predict(folder.path, [photos / "test" / "ash" / "0.jpg"], top_k=4)[0]
    assert row["classes"] == ["oak", "elm", "fir", "ash"]
