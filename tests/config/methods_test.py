"""Names of methods, their options, and configs that make no sense."""

import inspect

import keras
import pytest

from fgkeras import losses
from fgkeras.config.methods import METHODS
from fgkeras.config.methods import known_options
from fgkeras.config.methods import method_options
from fgkeras.losses.metric_loss import MetricLoss
from fgkeras.models.hardness_aware import HDML
from fgkeras.models.variational import DVML
from fgkeras.runs.embedding.model import loss_class

# Not trained by name: they are parts of others.
PARTS = {"ListedTriplets", "OfAnchors"}


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


@pytest.mark.parametrize("name", METHODS)
def test_declared_options_are_those_of_the_signature(name):
    method = METHODS[name]
    kind = {
        "hdml": HDML,
        "dvml": DVML,
        "listed": None,
        "joint": None,
        "classes": None,
    }.get(method.kind, method.loss and method.kind in ("batch", "proxy"))
    if kind is None:
        return
    if kind is True:
        kind = loss_class(method.loss)
    skip = {"self", "reduction", "name", "dtype", "embedder", "num_classes"}
    skip |= {"loss", "first_weights", "second_weights"}
    if method.kind in ("hdml", "dvml"):
        # Those of the metric losses that are not taken would do nothing.
        used = {"triplet": "margin", "npair": "l2"}
        skip |= {"margin", "l2"} - {used.get(method.loss)}
    found = {
        p.name: p.default
        for p in inspect.signature(kind.__init__).parameters.values()
        if p.name not in skip
        and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }
    if method.loss == "SoftTriple":
        # Of the layer of its proxies.
        found |= {"per_class": None, "merging": 0.0}
    assert known_options(method) == {**found, **method.defaults}
