"""Trainings in stages: what they tune, and how they go on."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.training.reporter import SILENT

SMALL = {
    "data.source": "flora:species=4,images=12,test=5,imbalance=2,size=32",
    "data.size": 32,
    "model.backbone": "small_cnn",
    "evaluation.resamples": 0,
}


def config_of(changes, *stages):
    """A config of stages, each a dict with its name and options."""
    options = {**SMALL, **changes}
    for stage in stages:
        stage = dict(stage)
        name = stage.pop("name")
        options.update({f"stages.{name}.{n}": v for n, v in stage.items()})
    return Config.read(changes=options)


def of_run(folder):
    """Weights by layer, history and metrics of a run."""
    model = load_model(folder / "model.keras")
    weights = {
        layer.name: [np.asarray(w) for w in layer.get_weights()]
        for layer in model.layers
        if layer.weights
    }
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    # One training has no stages to compare.
    metrics.pop("stages", None)
    return weights, folder.history(), metrics


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


WAYS = {
    "classifier": {"data.batch_size": 8, "data.sampler": "progressive"},
    "adam, cosine, warm, dropout": {
        "data.batch_size": 8,
        "model.dropout": 0.3,
        "train.warmup_epochs": 1.5,
    },
    "proxies": {"method.name": "proxy-anchor", "data.batch_size": 8},
    "triplets": {"method.name": "triplet-a", "method.triplets": 4},
    "frozen": {"data.batch_size": 8, "train.learning_rate": 0.01},
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_stage_that_continues_is_one_training_with_the_one_before(
    tmp_path, way
):
    tune = "head" if way == "frozen" else "all"
    whole = config_of(WAYS[way], {"name": "a", "tune": tune, "train.epochs": 4})
    parts = config_of(
        WAYS[way],
        {"name": "a", "tune": tune, "train.epochs": 1},
        {"name": "b", "tune": tune, "train.epochs": 3, "continues": True},
    )
    through = of_run(train(whole, tmp_path / "one", reporter=SILENT).folder)
    halves = of_run(train(parts, tmp_path / "two", reporter=SILENT).folder)
    for name in through[0]:
        assert same(through[0][name], halves[0][name]), name
    losses = [[row["loss"] for row in run[1]] for run in (through, halves)]
    assert losses[0] == losses[1]
    assert through[2] == halves[2]


THREE = (
    {"name": "first", "tune": "head", "train.epochs": 2},
    {
        "name": "whole",
        "tune": "all",
        "train.epochs": 2,
        "train.optimizer": "sgd",
        "train.learning_rate": 0.02,
        "data.batch_size": 8,
    },
    {
        "name": "balanced",
        "tune": "all",
        "train.epochs": 2,
        "train.learning_rate": 1e-3,
        "data.cut": "cap:6",
        "loss.beta": 0.9,
    },
    {"name": "last", "tune": "head", "train.epochs": 2},
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{}, {"method.name": "proxy-anchor"}, {"method.name": "triplet-a"}],
    ids=lambda c: c.get("method.name", "softmax"),
)
def test_stages_killed_between_and_within_end_alike(tmp_path, changes):
    stages = [dict(stage) for stage in THREE]
    if changes.get("method.name") == "triplet-a":
        del stages[1]["data.batch_size"]
    config = config_of(changes, *stages)
    whole = train(config, tmp_path / "whole", reporter=SILENT).folder
    for stage in THREE:
        for epoch in (1, 2):
            train(
                config,
                tmp_path / "parts",
                until=(stage["name"], epoch),
                reporter=SILENT,
            )
    parts = train(config, tmp_path / "parts", reporter=SILENT).folder
    expected, found = of_run(whole), of_run(parts)
    for name in expected[0]:
        assert same(expected[0][name], found[0][name]), name
    assert expected[2] == found[2]
    rows = [(row["stage"], row["epoch"]) for row in found[1]]
    assert rows == [(s["name"], e) for s in THREE for e in (1, 2)]


@pytest.mark.slow
def test_what_a_stage_tunes_moves_and_nothing_else(tmp_path):
    first = {"name": "one", "tune": "all", "train.epochs": 1}
    alone = config_of({"data.batch_size": 8}, first)
    more = config_of(
        {"data.batch_size": 8},
        first,
        {"name": "two", "tune": "head", "train.epochs": 1},
    )
    before = of_run(train(alone, tmp_path / "one", reporter=SILENT).folder)[0]
    after = of_run(train(more, tmp_path / "two", reporter=SILENT).folder)[0]
    assert same(before["backbone"], after["backbone"])
    assert not same(before["head"], after["head"])


@pytest.mark.slow
def test_a_cut_of_a_stage_is_of_what_the_run_trains_on(tmp_path, monkeypatch):
    from fgkeras.runs.task import Task

    seen = {}
    images_of = Task.images_of

    def noted(task, stage):
        images, places = images_of(task, stage)
        seen[stage.name] = task.class_counts(images).tolist()
        assert [task.train.ids[i] for i in places] == list(images.ids)
        return images, places

    monkeypatch.setattr(Task, "images_of", noted)
    config = config_of(
        {"data.cut": "exponential:4"},
        {"name": "all-images", "tune": "head", "train.epochs": 1},
        {
            "name": "few",
            "tune": "head",
            "train.epochs": 1,
            "data.cut": "cap:4",
        },
    )
    folder = train(config, tmp_path / "run", reporter=SILENT).folder
    counts = folder.read_json("classes.json")["train_counts"]
    assert seen["all-images"] == counts
    assert seen["few"] == [min(n, 4) for n in counts] != counts


@pytest.mark.slow
def test_a_folder_goes_on_with_its_own_stages_only(tmp_path):
    stages = [
        {"name": "one", "tune": "head", "train.epochs": 2},
        {"name": "two", "tune": "head", "train.epochs": 1, "loss.beta": 0.9},
    ]
    config = config_of({}, *stages)
    train(config, tmp_path, until=("one", 1), reporter=SILENT)
    again = Config.read(tmp_path / "config.json")
    assert again == config
    for others in (stages[:1], [stages[0], {**stages[1], "loss.beta": 0.99}]):
        with pytest.raises(ValueError, match="differs in .*stages"):
            train(config_of({}, *others), tmp_path, reporter=SILENT)
    with pytest.raises(ValueError, match="one of 2 epochs, two of 1 epochs"):
        train(config, tmp_path, until=("two", 2), reporter=SILENT)


@pytest.mark.slow
def test_a_list_that_changed_since_a_stage_began_is_said(tmp_path):
    probe = config_of({}, {"name": "a", "tune": "head", "train.epochs": 1})
    whole = train(probe, tmp_path / "whole", reporter=SILENT).folder
    ids = (whole / "training_ids.txt").read_text().splitlines()
    listed = tmp_path / "ids.txt"
    listed.write_text("\n".join(ids[::2]) + "\n")
    config = config_of(
        {},
        {
            "name": "few",
            "tune": "head",
            "train.epochs": 2,
            "data.cut": f"ids:{listed}",
        },
    )
    out = tmp_path / "run"
    train(config, out, until=("few", 1), reporter=SILENT)
    listed.write_text("\n".join(ids[::3]) + "\n")
    with pytest.raises(
        ValueError, match="began with.*stages.few with data.cut"
    ):
        train(config, out, reporter=SILENT)
    listed.write_text("\n".join(ids[:1]) + "\n")
    with pytest.raises(ValueError, match="trains on every class.*stages.few"):
        train(config, tmp_path / "other", reporter=SILENT)
    listed.write_text("\n".join(ids[::2]) + "\n")
    assert train(config, out, reporter=SILENT).metrics
