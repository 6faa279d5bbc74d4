"""A config says what is wrong with it before anything heavy starts."""

import json

import pytest

from fgkeras.jobs import RunConfig
from fgkeras.jobs.config_checks import check_start
from fgkeras.jobs.run_folder import RunFolder


def test_file_then_overrides(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('seed = 4\n[loss]\nname = "focal"\nbeta = 0.9\n')
    config = RunConfig.build(path, {"loss.beta": "0.99"})
    assert (config.seed, config.loss.name, config.loss.beta) == (
        4,
        "focal",
        0.99,
    )


def test_json_round_trip(tmp_path):
    config = RunConfig.build(
        overrides={
            "train.schedule": "step",
            "train.boundaries": "[160,180]",
            "data.flip": "no",
        }
    )
    assert config.train.boundaries == [160.0, 180.0]
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config.as_dict()))
    assert RunConfig.build(path) == config


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("train.epoch", 3, "Unknown option. Received: train.epoch=3"),
        ("train.epochs", "many", "train.epochs='many'"),
        ("loss.name", "hinge", "loss.name='hinge'"),
        ("loss.beta", 1.0, r"loss.beta=1.0"),
        ("data.flip", "perhaps", "data.flip='perhaps'"),
        ("data.batch_size", -1, "data.batch_size=-1"),
    ],
)
def test_bad_options(name, value, match):
    with pytest.raises(ValueError, match=match):
        RunConfig.build(overrides={name: value})


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        RunConfig.build(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("a = = 3")
    with pytest.raises(ValueError, match="valid TOML"):
        RunConfig.build(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("train.learning_rate", -0.1),
        ("train.momentum", 1.0),
        ("train.clip", -1),
        ("model.dropout", 1.0),
        ("data.min_area", -0.5),
        ("data.long_tail", "exponential"),
        ("pooling.order", 0),
        ("method.gamma", 0),
        ("method.omega", 1.5),
        ("bootstrap", -1),
    ],
)
def test_values_no_run_can_use_are_refused_at_once(name, value):
    with pytest.raises(ValueError, match=f"Received: .*{value}"):
        RunConfig.build(overrides={name: value})


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
        RunConfig.build(overrides={wrong: 1})


def test_a_restart_leaves_nothing_of_the_old_run(tmp_path):
    config = RunConfig.build()
    folder = RunFolder(tmp_path / "run")
    folder.start(config)
    names = ("model.keras", "metrics.json", "predictions.npz", "report.html")
    for name in names:
        (folder / name).write_text("old")
    folder.start(config, restart=True)
    assert not any((folder / name).exists() for name in names)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"data.augmentation": "foo"}, "data.augmentation='foo'"),
        ({"data.sampler": "foo"}, "data.sampler='foo'"),
        ({"data.holdout": "nan"}, "data.holdout=nan"),
        ({"train.learning_rate": "inf"}, "train.learning_rate=inf"),
        ({"data.size": 32, "data.resize": 8}, "data.resize=8"),
        ({"train.boundaries": "5"}, "train.schedule='cosine'"),
    ],
)
def test_what_would_fail_late_is_refused_early(options, said):
    with pytest.raises(ValueError, match=f"Received: {said}"):
        RunConfig.build(overrides=options)


@pytest.mark.parametrize(
    ("options", "replicas", "said"),
    [
        ({"data.batch_size": 31}, 2, "data.batch_size=31 for 2 .*size=30,"),
        ({}, 3, "data.batch_size=32 for 3 devices. Set data.batch_size=30"),
        ({"data.batch_size": 2}, 3, "Set data.batch_size=3,"),
        (
            {"method.name": "triplet-a", "method.triplets": 50},
            3,
            "method.triplets=50 for 3 devices. Set method.triplets=48",
        ),
    ],
)
def test_batches_that_devices_do_not_divide(tmp_path, options, replicas, said):
    more = {"train.strategy": "mirrored", "train.replicas": replicas}
    with pytest.raises(ValueError, match=said):
        check_start(RunConfig.build(overrides={**options, **more}), tmp_path)
    check_start(RunConfig.build(overrides=options), tmp_path)


def test_a_run_does_not_replace_the_weights_it_starts_from(tmp_path):
    for name in ("config.json", "model.keras"):
        (tmp_path / name).write_text("{}")
    for weights in (tmp_path, tmp_path / "model.keras"):
        config = RunConfig.build(overrides={"model.weights": str(weights)})
        check_start(config, tmp_path / "other")
        with pytest.raises(ValueError, match="weights that it replaces"):
            check_start(config, tmp_path)
