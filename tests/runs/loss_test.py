"""The loss that a config describes."""

import numpy as np
import pytest

from fgkeras import losses
from fgkeras.config import Config
from fgkeras.models import embedder
from fgkeras.ops import class_weights
from fgkeras.runs.embedding.model import training_model
from fgkeras.runs.loss import class_weights_of
from fgkeras.runs.loss import make_loss

COUNTS = np.array([90, 20, 3])
INVERSE = {"loss.weighting": "inverse"}


def resolved(**changes):
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return Config.read(changes=changes).resolved()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("softmax", {"smoothing": 0.1}),
        ("balanced-softmax", {"smoothing": 0.1}),
        ("logit-adjusted", {"tau": 0.5}),
        ("ldam", {"max_margin": 0.3, "scale": 4.0}),
        ("focal", {"gamma": 2.0}),
    ],
)
def test_options_reach_the_loss(name, given):
    config = Config.read(
        changes={
            "loss.name": name,
            **{f"loss.{k}": v for k, v in given.items()},
        }
    ).resolved()
    loss = make_loss(config, COUNTS)
    assert loss.class_counts == (90, 20, 3)
    for key, value in given.items():
        assert getattr(loss, key) == value


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"loss.beta": "0.9,0.5,0.99"}, {"beta": [0.9, 0.5, 0.99]}),
        ({"loss.beta": 0.99}, {"beta": 0.99}),
        (INVERSE, {"weighting": "inverse"}),
    ],
)
@pytest.mark.parametrize("name", ["softmax", "sigmoid", "ldam"])
def test_classes_are_weighted_once(name, changes, expected):
    config = Config.read(changes={"loss.name": name, **changes}).resolved()
    loss = make_loss(config, COUNTS)
    weights = class_weights(COUNTS, **expected)
    np.testing.assert_array_equal(loss.class_weights, weights)
    np.testing.assert_array_equal(class_weights_of(config, COUNTS), weights)
    assert isinstance(loss, losses.ClassBalanced) == (name == "ldam")


def test_without_weights_nothing_goes_around():
    for name in ("balanced-softmax", "logit-adjusted", "ldam"):
        loss = make_loss(resolved(loss__name=name), COUNTS)
        assert not isinstance(loss, losses.ClassBalanced)
    assert class_weights_of(resolved(), COUNTS) is None


@pytest.mark.parametrize(
    "method", ["triplet-m", "triplet-a", "contrastive", "proxy-nca"]
)
def test_losses_of_embeddings_are_weighted_likewise(method):
    config = Config.read(
        changes={"method.name": method, "method.dim": 4, **INVERSE}
    ).resolved()
    net = embedder(6, 4)
    for changed, weighs in (
        (config, True),
        (resolved(method__name=method), False),
    ):
        _, settings = training_model(
            net, 3, changed, make_loss(changed, COUNTS), COUNTS
        )
        loss = settings["loss"]
        parts = loss.values() if isinstance(loss, dict) else [loss]
        for part in parts:
            while not hasattr(part, "class_weights") and hasattr(part, "loss"):
                part = part.loss
            found = getattr(part, "class_weights", np.ones(3))
            assert (found[2] > found[0]) == weighs
