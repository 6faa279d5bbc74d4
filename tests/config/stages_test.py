"""Stages: what may be said of them, and what they come to."""

import json

import pytest

from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config.stages import OWN
from fgkeras.config.stages import STAGED

TOML = """
data.source = "flora:"
train.weight_decay = 1e-4
[[stages]]
name = "head"
tune = "head"
train.epochs = 3
[[stages]]
name = "balanced"
tune = "all"
data.cut = "cap:50"
train.learning_rate = 1e-6
[[stages]]
name = "weighted"
tune = "all"
continues = true
train.epochs = 2
loss.beta = 0.99
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(TOML)
    return path


def test_stages_of_a_file(file):
    config = Config.read(file).resolved()
    head, balanced, weighted = config.stages()
    assert [s.name for s in config.stages()] == ["head", "balanced", "weighted"]
    assert config.train.mode == "finetune"
    # What a stage does not set is the run's, or chosen for what it tunes.
    assert (head.train.epochs, head.data.batch_size) == (3, 128)
    assert (balanced.train.epochs, balanced.data.batch_size) == (10, 32)
    assert {s.train.weight_decay for s in config.stages()} == {1e-4}
    assert head.train.learning_rate == 0.01
    # What a stage sets holds for those that continue it.
    assert balanced.train.learning_rate == weighted.train.learning_rate == 1e-6
    assert (balanced.loss.beta, weighted.loss.beta) == (0.0, 0.99)
    assert [s.stage.before for s in config.stages()] == [0, 0, 10]
    assert [s.stage.total for s in config.stages()] == [3, 12, 12]


def test_a_run_keeps_its_stages(file, tmp_path):
    config = Config.read(file)
    stored = json.loads(json.dumps(config.as_json()))
    assert Config.of_run(stored) == config.resolved()
    (tmp_path / "config.json").write_text(json.dumps(stored))
    assert Config.read(tmp_path / "config.json") == config
    # Also what was automatic then.
    stored["resolved"]["stages"][0]["train"]["learning_rate"] = 0.5
    assert Config.of_run(stored).stages()[0].train.learning_rate == 0.5


def test_a_stage_is_changed_by_name(file):
    config = Config.read(
        file, {"stages.balanced.train.learning_rate": "1e-5"}
    ).resolved()
    assert config.stages()[1].train.learning_rate == 1e-5
    assert config.differences(Config.read(file).resolved()) == {
        "stages.balanced.train.learning_rate": (1e-5, 1e-6),
        "stages.weighted.train.learning_rate": (1e-5, 1e-6),
    }


def test_stages_that_are_the_usual_ones():
    usual = Config.read(changes={"train.mode": "frozen"}).resolved()
    said = Config.read(changes={"stages.head.tune": "head"}).resolved()
    one, other = usual.stages()[0], said.stages()[0]
    assert one.flat() == other.flat()


ALL = {"stages.x.tune": "all"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stages.x.train.epochs": 2}, "stage 'x'.*without `tune`"),
        ({**ALL, "stages.balancd.train.epochs": 2}, "'balancd' of x, balancd"),
        ({**ALL, "train.mode": "frozen"}, "train.mode='frozen' beside"),
        ({**ALL, "train.head_epochs": 2}, "train.head_epochs=2 beside"),
        ({**ALL, "stages.x.continues": "yes"}, "after no stage"),
        ({"stages.X.tune": "all"}, "small letters.*stages.X.tune"),
        ({"stages.triplets.tune": "all"}, "not triplets"),
        ({"stages.x": "all"}, "stages.NAME.OPTION"),
        (
            {**ALL, "stages.x.data.input": "disk"},
            "stages.x.data.input.*may set",
        ),
        ({"stages.x.tune": "some"}, "must.*head.*stages.x.tune='some'"),
        ({**ALL, "stages.x.train.epochs": -1}, "must be at least 1.*stages.x"),
        ({**ALL, "stages.x.train.momentum": 0.5}, "does nothing in the stage"),
        ({**ALL, "stages.x.train.head_solver": "logistic"}, "tune='head'"),
        ({**ALL, "train.head_solver": "logistic"}, "does nothing in this run"),
        ({**ALL, "train.epochs": 3, "stages.x.train.epochs": 3}, "do not set"),
        (
            {"stages.x.tune": "head", "stages.x.data.flip": "no"},
            "data.flip. does nothing in the stage 'x'.*stages.x.data.flip",
        ),
        (
            {**ALL, "stages.y.tune": "head", "stages.y.continues": "yes"},
            "tune='head' after tune='all'",
        ),
        (
            {
                **ALL,
                "stages.y.tune": "all",
                "stages.y.continues": "yes",
                "stages.y.train.learning_rate": 0.1,
            },
            "keeps optimizer.*train.learning_rate=0.1",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(changes, message):
    with pytest.raises(ValueError, match=f"(?s){message}") as error:
        Config.read(changes=changes).resolved()
    assert "Received: " in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[stages]]\ntune = "all"', "has a name"),
        ('[[stages]]\nname = "x"', "stages.x.tune. must be one of head"),
        (
            '[[stages]]\nname = "x"\ntune = "all"\n' * 2,
            "different names.*'x' twice",
        ),
    ],
)
def test_tables_that_are_no_stages(tmp_path, text, message):
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        Config.read(path).resolved()


def test_what_a_stage_may_set_is_an_option_of_the_run():
    assert set(STAGED) <= set(OPTIONS)
    assert not set(OWN) & set(OPTIONS)


@pytest.mark.parametrize(
    ("name", "value", "own"),
    [("data.source", "flora:", "flora:species=5"), ("data.size", 96, 64)],
)
def test_a_run_is_tested_by_what_stages_do_not_train_by(name, value, own):
    stages = {"stages.a.tune": "all", f"stages.a.{name}": own}
    changes = {"data.source": "flora:", name: value, **stages}
    run = Config.read(changes=changes).resolved()
    assert name in run.used()
    assert (run[name], run.stages()[0][name]) == (value, own)


def test_images_are_held_back_where_one_stage_keeps_its_best_epoch():
    stages = {"stages.a.tune": "head", "stages.b.tune": "all"}
    changes = {**stages, "stages.b.train.keep": "best"}
    run = Config.read(changes=changes).resolved()
    assert run.data.val_share == 0.1
    assert [s.train.keep for s in run.stages()] == ["last", "best"]
    assert [s.data.val_share for s in run.stages()] == [0.1, 0.1]
    assert Config.of_run(run.as_json()) == run
    assert Config.read(changes=stages).resolved().data.val_share == 0


def test_a_stage_that_is_continued_keeps_no_epoch_of_its_own():
    changes = {
        "stages.a.tune": "all",
        "stages.a.train.keep": "best",
        "stages.b.tune": "all",
        "stages.b.continues": True,
    }
    kept = [s.train.keep for s in Config.read(changes=changes).stages()]
    assert kept == ["best", "best"]
    changes["stages.b.train.keep"] = "last"
    with pytest.raises(ValueError, match="keep='best' in the stage that 'b'"):
        Config.read(changes=changes).resolved()
