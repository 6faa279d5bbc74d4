"""What is chosen is chosen on validation images, never on the test."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import evaluate
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.training.reporter import SILENT
from tests.data.pictures import jpeg

FROZEN = {
    "data.size": 32,
    "train.mode": "frozen",
    "train.epochs": 6,
    "train.keep": "best",
    "evaluation.resamples": 0,
}
FLORA = {
    **FROZEN,
    "data.source": "flora:species=4,images=30,test=5,val=0,imbalance=3",
    "data.val_share": 0.2,
}


def run(path, changes, **how):
    config = Config.read(changes=changes)
    return train(config, path, reporter=SILENT, **how).folder


def weights(folder):
    return load_model(folder / "model.keras").get_weights()


def same(one, other):
    pairs = zip(weights(one), weights(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.fixture(scope="module")
def best(tmp_path_factory):
    return run(tmp_path_factory.mktemp("best") / "run", FLORA)


@pytest.mark.slow
def test_the_best_epoch_is_kept(best):
    history = best.history()
    scores = [row["val_mean_per_class"] for row in history]
    kept = best.metrics()["kept"]
    assert [k["stage"] for k in kept] == ["head"]
    assert kept[0]["value"] == max(scores)
    assert scores[kept[0]["epoch"] - 1] == max(scores)
    # What the kept weights answer is what the epoch was measured at.
    saved = np.load(best / "val_predictions.npz")
    hits = saved["logits"].argmax(1) == saved["labels"]
    classes = [hits[saved["labels"] == c].mean() for c in range(4)]
    assert np.mean(classes) == pytest.approx(max(scores), abs=1e-6)
    assert best.metrics()["val"]["mean_per_class"]["value"] == pytest.approx(
        max(scores), abs=1e-6
    )


@pytest.mark.slow
def test_the_images_chosen_by_are_neither_trained_on_nor_tested_on(best):
    listed = {
        name: set((best / f"{name}_ids.txt").read_text().split())
        for name in ("training", "val")
    }
    tested = set(np.load(best / "predictions.npz")["ids"])
    assert listed["val"]
    assert not listed["val"] & listed["training"]
    assert not listed["val"] & tested
    assert best.metrics()["monitored_split"] == "val_share"
    parts = json.loads((best / "data.json").read_text())["images"]
    assert set(parts["val"]["ids"]) == listed["val"]
    assert all(parts["val"]["sha256"])


@pytest.mark.slow
def test_an_evaluation_says_what_was_chosen(best, tmp_path):
    metrics, _ = evaluate(best.path, out=tmp_path / "again", reporter=SILENT)
    assert metrics["kept"] == best.metrics()["kept"]
    assert metrics["val"] == best.metrics()["val"]


@pytest.mark.slow
def test_where_nothing_is_chosen_nothing_is_held_back(tmp_path):
    changes = {k: v for k, v in FLORA.items() if k != "data.val_share"}
    last = {**changes, "train.keep": "last"}
    folder = run(tmp_path / "last", last)
    assert not (folder / "val_ids.txt").exists()
    assert "val" not in folder.metrics()
    assert Config.read(changes=last).resolved().data.val_share == 0
    assert Config.read(changes=changes).resolved().data.val_share == 0.1


def test_choosing_on_the_test_is_refused():
    changes = {**FROZEN, "data.val_share": 0}
    with pytest.raises(ValueError, match="never on the test.*val_share"):
        Config.read(changes=changes).resolved()


def folder_of(path, test_labels):
    """Pictures of three classes; the test pictures lie as `test_labels`."""
    for c in range(3):
        for i in range(6):
            place = path / "train" / f"c{c}" / f"{i}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(jpeg(seed=10 * c + i))
    for i, c in enumerate(test_labels):
        place = path / "test" / f"c{c}" / f"{i}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(jpeg(seed=100 + i))
    return f"folder:{path}"


@pytest.mark.slow
def test_permuted_test_labels_choose_the_same(tmp_path):
    found = []
    for i, labels in enumerate([(0, 1, 2, 0), (2, 2, 1, 0)]):
        source = folder_of(tmp_path / f"data{i}", labels)
        changes = {**FROZEN, "data.source": source, "data.val_share": 0.3}
        found.append(run(tmp_path / f"run{i}", changes))
    assert same(*found)
    assert found[0].metrics()["kept"] == found[1].metrics()["kept"]
    assert found[0].metrics()["top1"] != found[1].metrics()["top1"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_a_stopped_training_keeps_the_same_epoch(tmp_path, mode):
    changes = {**FLORA, "train.mode": mode, "train.epochs": 4}
    stage = "head" if mode == "frozen" else "all"
    through = run(tmp_path / "through", changes)
    for epoch in (1, 3):
        run(tmp_path / "parts", changes, until=(stage, epoch))
    parts = run(tmp_path / "parts", changes)
    assert same(through, parts)
    assert through.metrics()["kept"] == parts.metrics()["kept"]
    assert through.metrics()["val"] == parts.metrics()["val"]
