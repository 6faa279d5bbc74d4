"""A config says what is wrong with it before anything heavy starts."""

import json
import subprocess
import sys

import pytest

from fgkeras.config import AUTO
from fgkeras.config import OPTIONS
from fgkeras.config import Config
from fgkeras.config import when
from fgkeras.registries import METHODS


def resolved(**changes):
    return Config.read(
        changes={k.replace("__", "."): v for k, v in changes.items()}
    ).resolved()


def test_file_then_changes(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('seed = 4\n[loss]\nname = "focal"\nbeta = 0.9\n')
    config = Config.read(path, {"loss.beta": "0.99"})
    assert config.asked == {
        "seed": 4,
        "loss.name": "focal",
        "loss.beta": 0.99,
    }
    assert (config.seed, config.loss.name, config.loss.beta) == (
        4,
        "focal",
        0.99,
    )


def test_a_stored_config_starts_the_same_run(tmp_path):
    config = Config.read(
        changes={
            "train.schedule": "step",
            "train.boundaries": "[160,180]",
            "train.factors": "0.1,0.01",
            "data.flip": "no",
        }
    )
    assert config.train.boundaries == [160.0, 180.0]
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config.as_json()))
    again = Config.read(path)
    assert again == config
    assert again.asked == config.asked
    stored = Config.of_run(json.loads(path.read_text()))
    assert stored == config.resolved()
    # What the run used counts, not what a later default would be.
    tree = config.as_json()
    tree["resolved"]["train"]["learning_rate"] = 0.5
    assert Config.of_run(tree).train.learning_rate == 0.5


def test_run_of_an_earlier_version(tmp_path):
    tree = {
        "data": {"source": "folder:photos", "size": 64, "resize": 0},
        "model": {"freeze_batch_norm": "no", "embedding": "none"},
        "pooling": {"dim": 4096, "projection": 0, "gamma": "0.5"},
        "loss": {"beta": 0.99},
        "method": {"resample_steps": 0, "images_per_class": 0},
        "train": {"epochs": 10, "replicas": 0, "learning_rate": 1e-3},
        "seed": 3,
        "bootstrap": 50,
    }
    config = Config.of_run(tree)
    assert config.evaluation.resamples == 50
    assert config.data.resize == 64
    assert config.model.freeze_batch_norm is False
    assert config.pooling.projection == "none"
    assert config.train.replicas == "all"
    path = tmp_path / "config.json"
    path.write_text(json.dumps(tree))
    again = Config.read(path)
    assert again.asked == {
        "data.source": "folder:photos",
        "loss.beta": 0.99,
        "evaluation.groups": [20, 100],  # Its version's, which it keeps.
        "evaluation.resamples": 50,
        "seed": 3,
    }
    assert again.resolved().flat() == config.flat()


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("train.epoch", 3, "Unknown option. Received: train.epoch=3"),
        ("train.epochs", "many", "whole number. Received: train.epochs='many'"),
        ("train.epochs", 2.5, "whole number. Received: train.epochs=2.5"),
        ("train.epochs", True, "whole number. Received: train.epochs=True"),
        ("loss.name", "hinge", "softmax, sigmoid, focal.*loss.name='hinge'"),
        ("loss.beta", 1.0, r"lie in \[0, 1\) or .*: loss.beta=1.0"),
        ("loss.beta", "0.9,1.5", r"lie in \[0, 1\). Received: loss.beta"),
        ("loss.smoothing", 1, r"lie in \[0, 1\). Received: loss.smoothing"),
        ("loss.tau", -1, "at least 0. Received: loss.tau"),
        ("model.head", "cosine", "linear or cosine:SCALE.*'cosine'"),
        ("model.head", "cosine:0", "linear or cosine:SCALE.*'cosine:0'"),
        ("data.flip", "perhaps", "data.flip='perhaps'"),
        ("data.batch_size", -1, "at least 1. Received: data.batch_size=-1"),
        ("train.learning_rate", -0.1, "above 0.*train.learning_rate=-0.1"),
        ("train.learning_rate", "inf", "finite.*train.learning_rate='inf'"),
        ("train.momentum", 1.0, "train.momentum=1.0"),
        ("train.clip", -1, "train.clip=-1"),
        ("model.dropout", 1.0, "model.dropout=1.0"),
        ("model.embedding", "unit:-1", "unit:SCALE.*'unit:-1'"),
        ("data.min_area", -0.5, "data.min_area=-0.5"),
        ("data.holdout", "nan", "data.holdout='nan'"),
        ("data.holdout", 0, "data.holdout=0"),
        ("data.cut", "exponential", "data.cut='exponential'"),
        ("data.augmentation", "foo", "data.augmentation='foo'"),
        ("data.sampler", "foo", "data.sampler='foo'"),
        ("pooling.order", 0, "pooling.order=0"),
        ("pooling.gamma", "date", "data or be a number.*'date'"),
        ("method.gamma", 0, "method.gamma=0"),
        ("method.omega", 1.5, "method.omega=1.5"),
        ("method.name", "triplet-hm", "method.name='triplet-hm'"),
        ("train.boundaries", "1;2", "train.boundaries='1;2'"),
        ("evaluation.resamples", -1, "evaluation.resamples=-1"),
        ("seed", -1, "seed=-1"),
    ],
)
def test_values_no_run_can_use_are_refused_at_once(name, value, match):
    with pytest.raises(ValueError, match=match):
        Config.read(changes={name: value})


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"data.size": 32, "data.resize": 8}, "data.resize=8, data.size=32"),
        (
            {"train.head_solver": "logistic", "loss.name": "focal"},
            "head_solver='logistic', loss.name='focal'",
        ),
        (
            {"train.head_solver": "logistic", "model.head": "cosine:9"},
            "head_solver='logistic', model.head='cosine:9'",
        ),
        (
            {"loss.name": "sigmoid", "model.head": "cosine:9"},
            "model.head='cosine:9', loss.name='sigmoid'",
        ),
        ({"method.name": "triplet", "method.options": "x=1"}, "x=1"),
    ],
)
def test_options_that_contradict(changes, match):
    with pytest.raises(ValueError, match=match):
        Config.read(changes=changes).resolved()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"train.boundaries": "5"}, "train.boundaries"),
        ({"train.decay": 0.9}, "train.decay"),
        ({"train.momentum": 0.5}, "train.momentum"),
        ({"train.replicas": 2}, "train.replicas"),
        ({"train.head_learning_rate": 0.1}, "train.head_learning_rate"),
        ({"loss.gamma": 2}, "loss.gamma"),
        ({"pooling.dim": 64}, "pooling.dim"),
        ({"data.min_area": 0.5}, "data.min_area"),
        ({"data.test_classes": "3:"}, "data.test_classes"),
        ({"method.dim": 8}, "method.dim"),
        ({"train.mode": "frozen", "data.color": 1}, "data.color"),
        ({"train.mode": "frozen", "train.head_epochs": 2}, "head_epochs"),
        (
            {
                "train.mode": "frozen",
                "train.head_solver": "logistic",
                "model.dropout": 0.5,
            },
            "model.dropout",
        ),
        ({"method.name": "triplet-m", "data.batch_size": 8}, "batch_size"),
        (
            {"method.name": "triplet-m", "data.sampler": "square_root"},
            "sampler",
        ),
        ({"loss.weighting": "inverse", "loss.beta": 0.9}, "loss.beta"),
        ({"loss.tau": 2}, "loss.tau"),
        ({"loss.name": "focal", "loss.smoothing": 0.1}, "loss.smoothing"),
        (
            {
                "train.mode": "frozen",
                "train.head_solver": "logistic",
                "loss.smoothing": 0.1,
            },
            "loss.smoothing",
        ),
        ({"method.name": "lifted", "model.head": "cosine:9"}, "model.head"),
        ({"method.name": "triplet-m", "method.omega": 0.5}, "omega"),
        ({"method.name": "lifted", "loss.name": "focal"}, "loss.name"),
        ({"method.name": "lifted", "method.proxy_rate": 2}, "proxy_rate"),
        ({"method.name": "lifted", "method.rejected": "x"}, "rejected"),
        ({"method.name": "lifted", "pooling.projection": 8}, "projection"),
        ({"method.name": "lifted", "evaluation.views": "mirror"}, "views"),
        ({"method.name": "hdml-npair", "loss.beta": 0.9}, "loss.beta"),
        (
            {"method.name": "dvml-npair", "loss.weighting": "inverse"},
            "loss.weighting",
        ),
    ],
)
def test_what_would_do_nothing_is_refused_with_the_reason(changes, name):
    with pytest.raises(ValueError, match=f"{name}. does nothing.*used "):
        Config.read(changes=changes).resolved()


@pytest.mark.parametrize(
    ("changes", "head", "scale"),
    [
        ({}, "linear", 1.0),
        ({"loss.name": "ldam"}, "cosine:30", 30.0),
        ({"loss.name": "ldam", "model.head": "cosine:16"}, "cosine:16", 16.0),
        ({"loss.name": "ldam", "model.head": "linear"}, "linear", 1.0),
        ({"loss.name": "ldam", "method.name": "triplet-a"}, "linear", 1.0),
    ],
)
def test_margins_are_in_the_unit_of_the_head(changes, head, scale):
    config = Config.read(changes=changes).resolved()
    assert (config.model.head, config.loss.scale) == (head, scale)


@pytest.mark.parametrize(
    ("changes", "weighs"),
    [
        ({}, False),
        ({"loss.beta": "0.9"}, True),
        ({"loss.beta": "0.9,0"}, True),
        ({"loss.weighting": "inverse"}, True),
        ({"loss.weighting": "none"}, False),
        ({"method.name": "triplet-m", "loss.beta": 0.9}, True),
        ({"method.name": "hdml-npair"}, False),
    ],
)
def test_whether_classes_are_weighted(changes, weighs):
    config = Config.read(changes=changes).resolved()
    assert when.weights_classes(config) == weighs


def test_what_is_the_default_anyway_may_be_said():
    resolved(loss__gamma=1.0, data__test_classes="")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("train.learning_rat", "train.learning_rate"),
        ("epochs", "train.epochs"),
        ("pooling.orders", "pooling.order"),
    ],
)
def test_an_unknown_option_names_the_one_that_was_meant(wrong, meant):
    with pytest.raises(ValueError, match=f"Did you mean {meant}"):
        Config.read(changes={wrong: 1})


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        Config.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = = 3")
    with pytest.raises(ValueError, match="valid TOML"):
        Config.read(tmp_path / "bad.toml")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="Received: list"):
        Config.read(tmp_path / "list.json")


def test_auto_is_chosen_by_the_rest():
    assert resolved().data.size == 64
    assert resolved(model__backbone="cifar_resnet20").data.size == 32
    weights = resolved(model__weights="imagenet")
    assert weights.data.size == weights.data.resize == 160
    assert weights.model.embedding == "unit:10"
    assert weights.model.freeze_batch_norm is True
    assert weights.train.learning_rate == 2e-4
    frozen = resolved(train__mode="frozen")
    assert (frozen.train.epochs, frozen.data.batch_size) == (60, 128)
    assert frozen.train.weight_decay == 3e-4
    embedding = resolved(train__mode="frozen", method__name="lifted")
    assert embedding.train.learning_rate == 1e-4
    assert (embedding.method.start, embedding.method.dim) == ("pca", 512)
    other = resolved(
        train__mode="frozen", method__name="lifted", method__start="random"
    )
    assert (other.train.learning_rate, other.method.dim) == (1e-3, 64)
    assert resolved(method__name="lifted").method.dim == 64
    assert embedding.train.weight_decay == 0.0
    assert embedding.method.images_per_class == 4
    left = {n for n, v in resolved().flat().items() if v == AUTO}
    # These follow from the machine and from the images.
    assert left == {"data.input", "evaluation.groups"}


def test_stages_are_configs_with_names():
    assert [s.name for s in resolved(train__mode="frozen").stages()] == ["head"]
    assert [s.name for s in resolved().stages()] == ["all"]
    head, whole = resolved(
        train__head_epochs=3,
        train__optimizer="sgd",
        train__learning_rate=0.1,
        train__head_learning_rate=0.02,
    ).stages()
    assert (head.name, whole.name) == ("head", "all")
    assert (head.train.epochs, head.train.optimizer) == (3, "adam")
    assert head.train.learning_rate == 0.02
    assert (whole.train.epochs, whole.train.optimizer) == (10, "sgd")


@pytest.mark.parametrize("name", METHODS.names())
@pytest.mark.parametrize("mode", ["frozen", "finetune"])
def test_every_method_makes_a_config(name, mode):
    trained = METHODS.fact(name, "kind") != "nearest"
    if mode == "finetune" and not trained:
        return  # There is nothing to tune.
    config = resolved(method__name=name, train__mode=mode)
    assert set(config.used()) <= set(OPTIONS)
    if not trained:
        return
    assert ("data.batch_size" in config.used()) != (
        "method.triplets" in config.used()
    )


@pytest.mark.parametrize("name", OPTIONS)
def test_options_are_declared_whole(name):
    option = OPTIONS[name]
    assert option.meaning, name
    assert str(option.kind), name
    if option.default != AUTO:
        assert option.kind.read(option.default) == option.default
    flags = [o.flag for o in OPTIONS.values() if o.flag]
    assert len(set(flags)) == len(flags)


def test_neither_keras_nor_numpy_is_imported():
    code = (
        "import sys, fgkeras.config\n"
        "print(sorted({'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert out.stdout == "[]\n"


def test_globs_keep_their_brackets():
    def ignored(value):
        return Config.read(changes={"data.ignore": value}).data.ignore

    assert ignored("[ab]*.jpg, old/*") == ["[ab]*.jpg", "old/*"]
    assert ignored(["*.mov"]) == ["*.mov"]
    assert ignored("") == []
    for value in ("a,,b", 3, ["a", 1]):
        with pytest.raises(ValueError, match="`data.ignore` must be globs"):
            ignored(value)
