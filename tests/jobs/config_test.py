"""A config says what is wrong with it before anything heavy starts."""

import json

import pytest

from fgkeras.jobs import RunConfig


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
        overrides={"train.boundaries": "[160,180]", "data.flip": "no"}
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
