"""Options of earlier versions are read by the names and values of today."""

import json

import pytest

from fgkeras.config import AUTO
from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config.earlier import RENAMED
from fgkeras.config.earlier import continuing
from fgkeras.config.earlier import of_today
from fgkeras.config.methods import method_options

# Name and value of an earlier version, and what they are now.
TABLE = [
    ("bootstrap", 50, "evaluation.resamples", 50),
    ("bootstrap", "50", "evaluation.resamples", 50),
    ("data.mirror_test", True, "evaluation.views", "mirror"),
    ("data.mirror_test", False, "evaluation.views", "center"),
    ("data.mirror_test", "yes", "evaluation.views", "mirror"),
    ("data.mirror_test", "no", "evaluation.views", "center"),
    ("train.mode", "frozen", "train.mode", "frozen"),
    ("train.mode", "finetune", "train.mode", "finetune"),
    ("data.long_tail", "exponential:100", "data.cut", "exponential:100"),
    ("data.long_tail", "", "data.cut", ""),
    ("data.batch_size", 0, "data.batch_size", AUTO),
    ("data.size", 0, "data.size", AUTO),
    ("data.resize", 0, "data.resize", AUTO),
    ("data.train_resize", 0, "data.train_resize", AUTO),
    ("method.images_per_class", 0, "method.images_per_class", AUTO),
    ("method.resample_steps", 0, "method.resample_steps", "pass"),
    ("pooling.dim", 0, "pooling.dim", AUTO),
    ("pooling.projection", 0, "pooling.projection", "none"),
    ("train.epochs", 0, "train.epochs", AUTO),
    ("train.learning_rate", 0.0, "train.learning_rate", AUTO),
    ("train.replicas", 0, "train.replicas", "all"),
    ("train.weight_decay", -1.0, "train.weight_decay", AUTO),
    ("model.freeze_batch_norm", "auto", "model.freeze_batch_norm", AUTO),
    ("model.freeze_batch_norm", "no", "model.freeze_batch_norm", False),
    ("pooling.square_root", "yes", "pooling.square_root", True),
    ("pooling.gamma", "0.5", "pooling.gamma", 0.5),
    ("pooling.gamma", "data", "pooling.gamma", "data"),
    ("model.embedding", "auto", "model.embedding", AUTO),
    # These stand for themselves, then and now.
    ("train.weight_decay", 0.0, "train.weight_decay", 0.0),
    ("train.head_epochs", 0, "train.head_epochs", 0),
    ("train.clip", 0.0, "train.clip", 0.0),
    ("data.color", 0.0, "data.color", 0.0),
    ("loss.beta", 0.0, "loss.beta", 0.0),
    ("bootstrap", 0, "evaluation.resamples", 0),
    ("seed", 0, "seed", 0),
]


@pytest.mark.parametrize(("name", "value", "now", "is_now"), TABLE)
def test_renamed_options_and_values(name, value, now, is_now):
    config = Config.read(changes={name: value})
    assert config.asked == {now: is_now}
    assert type(config.asked[now]) is type(is_now)
    # As text, the way `--set` gives it, where no other kind is meant.
    if isinstance(value, int) and not isinstance(value, bool):
        read = of_today(name, value)
        assert OPTIONS[read[0]].read(*read) == is_now


@pytest.mark.parametrize(("name", "value", "now", "is_now"), TABLE)
def test_a_stored_run_means_the_same(name, value, now, is_now):
    section, dot, option = name.partition(".")
    tree = {section: {option: value} if dot else value}
    stored = Config.of_run(tree)
    if is_now != AUTO:
        assert stored[now] == is_now
        return
    # What a run was is settled: of the rest nothing is known but defaults.
    assert stored[now] == Config().resolved()[now]


def test_every_auto_of_earlier_versions_is_in_the_table():
    known = {(name, now) for name, _, now, _ in TABLE}
    for old, new in RENAMED.items():
        assert (old, new) in known
    numbers = {
        name
        for name, option in OPTIONS.items()
        if of_today(name, 0)[1] != 0 or of_today(name, -1)[1] != -1
        if option
    }
    assert numbers <= {now for _, _, now, _ in TABLE}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("train.epochs", -1),
        ("train.weight_decay", -2),
        ("data.batch_size", False),
        ("train.validate_every", 0),
    ],
)
def test_other_numbers_stay_what_they_are(name, value):
    assert of_today(name, value) == (name, value)
    with pytest.raises(ValueError, match=name):
        Config.read(changes={name: value})


@pytest.mark.parametrize("options", [{"bootstrap": 7}, {"long_tail": "cap:5"}])
def test_what_a_run_asked_under_an_earlier_name_is_asked_today(options):
    tree = options if "bootstrap" in options else {"data": options}
    kept = Config.of_run({"format": 2, "asked": tree, "resolved": tree})
    ((_, value),) = options.items()
    ((name, asked),) = kept.asked.items()
    assert asked == kept[name] == value
    assert (
        kept.as_json()["asked"]
        == Config.read(changes={name: value}).as_json()["asked"]
    )


def of_limits(asked=None):
    """A run of a version whose groups had fixed limits."""
    tree = Config(asked).resolved().as_json()
    tree["resolved"]["evaluation"]["groups"] = [20, 100]
    return Config.of_run(tree)


def test_a_run_keeps_its_groups():
    before, now = of_limits(), Config().resolved()
    assert before.evaluation.groups == [20, 100]
    assert before.differences(now) == {}
    gone_on = continuing(before, now)
    assert gone_on.evaluation.groups == [20, 100]
    assert Config.of_run(gone_on.as_json()).evaluation.groups == [20, 100]
    # A run of today stays one of today.
    assert continuing(now, now).evaluation.groups == AUTO


def test_groups_that_are_asked_for_are_another_run():
    asked = Config.read(changes={"evaluation.groups": "30"}).resolved()
    assert of_limits().differences(asked) == {
        "evaluation.groups": ([20, 100], [30])
    }
    assert set(asked.differences(Config().resolved())) == {"evaluation.groups"}


def test_an_embedding_goes_on_with_the_numbers_and_rate_that_it_had():
    asked = {"method.name": "margin", "train.mode": "frozen"}
    old = {"method.start": "random", "method.dim": 64}
    now = Config.read(changes=asked).resolved()
    stored = {**now.flat(), **old, "train.learning_rate": 1e-3}
    before = Config.of_run({"asked": asked, "resolved": stored})
    gone_on = continuing(before, now)
    found = gone_on.method.start, gone_on.method.dim
    assert found == ("random", 64)
    assert gone_on.train.learning_rate == 1e-3
    assert before.differences(now) == {}
    # One of today keeps its own, and what is asked for is told apart.
    assert continuing(now, now).method.dim == 512
    other = Config.read(changes={**asked, "method.dim": 512}).resolved()
    assert before.differences(other) == {"method.dim": (64, 512)}


def of_human_negatives(asked, positives=False):
    """A run as a version stored it that had no option of what it draws."""
    tree = Config.read(changes=asked).resolved().as_json()
    if not positives:
        del tree["resolved"]["method"]["positives"]
    return tree


@pytest.mark.parametrize("name", ["triplet-hn", "triplet-m", "triplet-a"])
@pytest.mark.parametrize("options", ["", "margin=0.1,nearest=0.5"])
def test_a_run_goes_on_drawing_of_all_that_was_rejected(
    name, options, tmp_path
):
    asked = {"method.name": name, "method.rejected": "csv:no.csv"}
    asked |= {"method.options": options} if options else {}
    now = Config.read(changes=asked).resolved()
    tree = of_human_negatives(asked)
    before = Config.of_run(tree)
    drawn = method_options(name, before.method.options)
    assert drawn == {**method_options(name, options), "rejected": "any"}
    assert before.differences(now) == {}
    gone_on = continuing(before, now)
    assert gone_on.method.options == before.method.options
    # Once more, of a folder that says all by now.
    stored = Config.of_run(gone_on.as_json())
    assert stored.method.options == before.method.options
    assert stored.differences(now) == {}
    assert continuing(stored, now).method.options == before.method.options
    # What is asked for is told apart.
    other = {**asked, "method.options": "rejected=violating"}
    other = Config.read(changes=other).resolved()
    assert set(before.differences(other)) == {"method.options"}
    # Its file asks for the run that it was.
    file = tmp_path / "config.json"
    file.write_text(json.dumps(tree))
    again = Config.read(file).resolved()
    assert again.method.options == before.method.options
    assert before.differences(again) == {}


@pytest.mark.parametrize(
    ("asked", "positives"),
    [
        ({"method.name": "triplet-a", "method.rejected": "csv:no.csv"}, True),
        ({"method.name": "triplet-a"}, False),
        # It drew of all, and does.
        (
            {"method.name": "triplet-naive", "method.rejected": "csv:no.csv"},
            False,
        ),
        ({"method.name": "margin"}, False),
        ({}, False),
    ],
)
def test_no_other_run_draws_otherwise(asked, positives):
    before = Config.of_run(of_human_negatives(asked, positives))
    now = Config.read(changes=asked).resolved()
    assert before.method.options == ""
    assert before.differences(now) == {}
    assert continuing(before, now).method.options == ""
