"""What a sweep goes over: read, checked, and without what is not used."""

import itertools

import pytest

from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.tuning.interval import Interval
from fgkeras.tuning.space import THESIS
from fgkeras.tuning.space import Space


def config(**changes):
    return Config.read(changes={"data.source": "flora:", **changes})


def test_the_thesis_has_25_trials():
    found = [
        (row["loss.name"], row["loss.beta"], row.get("loss.gamma"))
        for row in map(
            Space.read(config()).changes, Space.read(config()).grid()
        )
    ]
    betas = (0.0, 0.9, 0.99, 0.999, 0.9999)
    expected = [
        (loss, beta, gamma)
        for loss in ("softmax", "sigmoid", "focal")
        for beta in betas
        for gamma in ((0.5, 1.0, 2.0) if loss == "focal" else (None,))
    ]
    assert found == expected
    assert Space.read(config(), THESIS).size == 25


def test_unused_options_are_dropped_by_every_condition():
    """Equal to looking at each combination by itself."""
    over = {
        "train.optimizer": ["adam", "sgd"],
        "train.momentum": [0.5, 0.9],
        "train.schedule": ["cosine", "exponential"],
        "train.decay": [0.5, 0.9],
    }
    space = Space(config(), over)
    expected = set()
    for row in itertools.product(*over.values()):
        values = dict(zip(over, row, strict=True))
        if values["train.optimizer"] == "adam":
            del values["train.momentum"]
        if values["train.schedule"] == "cosine":
            del values["train.decay"]
        expected.add(tuple(values.items()))
    found = [tuple(space.changes(v).items()) for v in space.grid()]
    assert set(found) == expected
    assert len(found) == len(expected) == 9


def test_what_all_share_is_dropped_where_a_trial_does_not_use_it():
    shared = config(**{"loss.gamma": 2.0})
    space = Space.read(shared, ["loss=softmax,focal"])
    asked = [space.trial_config(v).asked for v in space.grid()]
    assert [a.get("loss.gamma") for a in asked] == [None, 2.0]
    with pytest.raises(ValueError, match="gamma` does nothing in any trial"):
        Space.read(shared, ["beta=0,0.9"])


def test_flags_dotted_names_stages_and_lists():
    space = Space.read(
        config(**{"stages.a.tune": "all", "train.schedule": "step"}),
        [
            "--learning-rate=0.1,0.01",
            "train.boundaries=[1,2],[3]",
            "train.factors=[0.1,0.1],[0.1]",
            "stages.a.loss.beta=0,0.9",
        ],
    )
    assert space.over["train.boundaries"] == [[1.0, 2.0], [3.0]]
    assert space.over["stages.a.loss.beta"] == [0.0, 0.9]
    last = space.trial_config(space.grid()[-1])
    assert last.resolved().stages()[0].train.learning_rate == 0.01


@pytest.mark.parametrize(
    ("texts", "match"),
    [
        (["loss=softmax,sigmod"], "must be one of"),
        (["beta=0,1"], r"must lie in \[0, 1\)"),
        (["nothing=1,2"], "Unknown option"),
        (["beta"], "NAME=VALUE,VALUE"),
        (["beta=0,0.0"], "each value once"),
        (["beta=0", "loss.beta=0.9"], "each option once"),
        (["seed=0,1"], "--seeds"),
        (["data.cut=cap:5,cap:6"], "same images"),
        (["evaluation.resamples=1,2"], "same images"),
        (["data.resize=8,100"], "cannot be trained, data.resize=8: "),
        (["train.momentum=0.5,0.9"], "does nothing in any trial"),
        (["train.learning_rate=0.1..0.01"], "LOW below HIGH"),
        (["train.epochs=1..2.5"], "whole numbers"),
        (["beta=0.5..1"], r"must lie in \[0, 1\)"),
        ([], "at least one option"),
    ],
)
def test_what_cannot_be_is_refused(texts, match):
    with pytest.raises(ValueError, match=match):
        Space.read(config(), texts)


def test_an_interval_has_no_grid():
    space = Space.read(config(), ["learning-rate=1e-4..1e-1:log"])
    assert space.over == {"train.learning_rate": Interval(1e-4, 0.1, True)}
    with pytest.raises(ValueError, match="--search random"):
        space.grid()


def test_every_flag_is_a_name():
    flags = {o.flag for o in OPTIONS.values() if o.flag}
    assert {"--loss", "--beta", "--gamma"} <= flags
