"""The time of a run, also of processes that were killed."""

import json
import time

import pytest

from fgkeras.config import Config
from fgkeras.jobs import train
from fgkeras.runs.kept.spent import counted_time
from fgkeras.runs.kept.spent import read_spent
from fgkeras.training.reporter import SILENT

SMALL = {
    "data.source": "flora:species=3,images=9,test=3,size=24",
    "data.size": 16,
    "data.input": "arrays",
    "model.backbone": "small_cnn",
    "model.pooled_layer": "block1_bn",
    "train.mode": "frozen",
    "train.epochs": 3,
    "evaluation.resamples": 0,
}


def test_time_is_kept_while_it_goes_on(tmp_path):
    path = tmp_path / "spent.json"
    with counted_time(path, 100.0, every=0.02) as seconds:
        assert 100.0 <= seconds() < 110.0
        while not path.exists():
            time.sleep(0.01)
        # As a process that is killed now leaves it.
        assert 100.0 <= read_spent(path) < 110.0
    with pytest.raises(KeyboardInterrupt), counted_time(path, 50.0):
        raise KeyboardInterrupt
    assert 50.0 <= read_spent(path) < 60.0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seconds": "a"}', "{"])
def test_what_is_no_time_counts_as_none(tmp_path, text):
    path = tmp_path / "spent.json"
    assert read_spent(path) == 0.0
    path.write_text(text)
    assert read_spent(path) == 0.0


def test_a_folder_that_is_gone_is_not_made_again(tmp_path):
    with counted_time(tmp_path / "none" / "spent.json"):
        pass
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_run_tells_the_time_of_all_its_processes(tmp_path):
    config, out = Config.read(changes=SMALL), tmp_path / "run"
    train(config, out, until=("head", 1), reporter=SILENT)
    spent = json.loads((out / "spent.json").read_text())["seconds"]
    assert spent > 0
    assert len((out / "history.csv").read_text().splitlines()) == 2
    (out / "spent.json").write_text('{"seconds": 1000}')
    metrics = train(config, out, reporter=SILENT).metrics
    assert 1000 < metrics["seconds"] < 1100
    assert not (out / "spent.json").exists()
    again = train(config, out, restart=True, reporter=SILENT).metrics
    assert again["seconds"] < 1000


@pytest.mark.slow
def test_each_epoch_is_in_the_history_of_a_run_that_is_killed(tmp_path):
    import keras

    class Killed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    class Reporter(type(SILENT)):
        def epochs(self, title, epochs, every=1):
            return [Killed()]

    config, out = Config.read(changes=SMALL), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(config, out, reporter=Reporter())
    # There was no history.csv before the stage ended.
    lines = (out / "history.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["head", "1"],
        ["head", "2"],
    ]
    assert read_spent(out / "spent.json") > 0
    folder = train(config, out, reporter=SILENT).folder
    assert [row["epoch"] for row in folder.history()] == [1, 2, 3]
