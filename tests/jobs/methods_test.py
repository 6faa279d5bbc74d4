"""Names of methods, their options, and configs that make no sense."""

import inspect

import keras
import pytest

from fgkeras import losses
from fgkeras.jobs import RunConfig
from fgkeras.jobs.methods import KINDS
from fgkeras.jobs.methods import METHODS
from fgkeras.jobs.methods import loss_class
from fgkeras.jobs.methods import method_options
from fgkeras.losses.metric_loss import MetricLoss

# Not trained by name: they are parts of others.
PARTS = {"ListedTriplets", "OfAnchors"}


@pytest.mark.parametrize("name", METHODS)
def test_every_method_makes_a_config(name):
    config = RunConfig.build(overrides={"method.name": name})
    assert METHODS[name].kind in KINDS
    method_options(config.method.name, config.method.options)


def test_every_metric_loss_has_a_name():
    named = {m.loss for m in METHODS.values()}
    for name in dir(losses):
        kind = getattr(losses, name)
        if not (inspect.isclass(kind) and issubclass(kind, MetricLoss)):
            continue
        assert name in named | PARTS, f"no method trains by {name}"


def test_options_are_read_as_their_types():
    assert method_options("triplet", "margin=0.5,squared=no") == {
        "margin": 0.5,
        "squared": False,
    }
    assert method_options("triplet-m", "nearest=0.3")["nearest"] == 0.3
    assert method_options("soft-triple", "per_class=5,scale=10") == {
        "per_class": 5,
        "scale": 10.0,
    }
    assert issubclass(loss_class("Margin"), keras.losses.Loss)


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("triplet", "margn=1", "may set margin.*Received: margn=1"),
        ("triplet", "margin=wide", "margin must be a float.*margin=wide"),
        ("softmax", "margin=1", "may set -"),
        ("hdml-npair", "margin=1", "Received: margin=1"),
        ("dvml-triplet", "l2=1", "Received: l2=1"),
        ("dvml-margin", "margin=1", "Received: margin=1"),
        ("dvml-triplet", "first_weights=1", "Received: first_weights=1"),
        ("proxy-nca", "per_class=3", "Received: per_class=3"),
        ("triplet-hm", "", "method.name='triplet-hm'"),
    ],
)
def test_bad_options(name, text, match):
    with pytest.raises(ValueError, match=match):
        method_options(name, text)


@pytest.mark.parametrize(
    ("overrides", "match"),
    [
        ({"method.name": "triplet-a", "method.omega": 2}, "method.omega=2.0"),
        ({"method.name": "lifted", "method.dim": 0}, "method.dim=0"),
        ({"method.name": "lifted", "loss.name": "focal"}, "loss.name='focal'"),
        ({"data.test_classes": "3:"}, "tested on its own classes"),
        ({"method.name": "triplet-m", "loss.beta": 0.9}, "loss.beta=0.9"),
        ({"method.name": "hdml-npair", "loss.beta": 0.9}, "loss.beta=0.9"),
        ({"method.name": "lifted", "method.rejected": "x"}, "rejected='x'"),
    ],
)
def test_bad_configs(overrides, match):
    with pytest.raises(ValueError, match=match):
        RunConfig.build(overrides=overrides)
