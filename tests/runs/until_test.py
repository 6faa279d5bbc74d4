"""A training that stops in the middle of a stage goes on as if it had not."""

import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.models import load_model
from fgkeras.training.reporter import SILENT
from tests.runs.fitting import fitting

SMALL = {
    "data.source": "flora:species=4,images=12,test=5,imbalance=2,size=32",
    "data.size": 32,
    "data.batch_size": 8,
    "model.backbone": "small_cnn",
    "train.epochs": 3,
    "evaluation.resamples": 0,
}
WAYS = {
    "classifier": (
        {"train.head_epochs": 3, "model.dropout": 0.3},
        [("head", 2), ("all", 1), ("all", 2)],
    ),
    "embedding": ({"method.name": "proxy-anchor"}, [("embedding", 2)]),
    "triplets": ({"method.name": "triplet-a"}, [("embedding", 1)]),
}


def whole(folder):
    """Returns weights and numbers of a run, without its times."""
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    weights = load_model(folder / "model.keras").get_weights()
    return weights, metrics


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_stopped_training_ends_as_one_that_ran_through(tmp_path, way):
    options, stops = WAYS[way]
    config = fitting({**SMALL, **options})
    through = train(config, tmp_path / "through", reporter=SILENT).folder
    for stage, epoch in stops:
        stopped = train(
            config, tmp_path / "parts", until=(stage, epoch), reporter=SILENT
        )
        assert stopped.metrics is None
        last = stopped.folder.history()[-1]
        assert (last["stage"], last["epoch"]) == (stage, epoch)
        assert not (stopped.folder / "model.keras").exists()
    parts = train(config, tmp_path / "parts", reporter=SILENT).folder
    expected, numbers = whole(through)
    found, others = whole(parts)
    assert numbers == others
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)
    rows = [[r["loss"] for r in f.history()] for f in (through, parts)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("until", [("head", 1), ("all", 0), ("all", 4)])
def test_stages_that_a_run_has_not(tmp_path, until):
    config = Config.read(changes=SMALL)
    with pytest.raises(ValueError, match="all of 3 epochs.*until="):
        train(config, tmp_path / "run", until=until, reporter=SILENT)
    assert not (tmp_path / "run").exists()
