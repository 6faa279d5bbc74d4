"""The list of bodies, and what it says of them."""

import json

import pytest

from fgkeras.cli.backbones import known_backbones
from fgkeras.cli.main import main
from fgkeras.models import backbone
from fgkeras.registries import BACKBONES
from fgkeras.registry import Entry

SMALL = ("small_cnn", "squeezenet", "cifar_resnet20")
OTHERS = ("mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "resnet50")


@pytest.mark.parametrize(
    "name",
    [*SMALL, *(pytest.param(n, marks=pytest.mark.slow) for n in OTHERS)],
)
def test_parameters_are_those_of_the_body(name):
    (row,) = [row for row in known_backbones(name) if row["name"] == name]
    side = row["side"] or 64
    assert backbone(name, (side, side, 3)).count_params() == row["parameters"]
    assert row["bytes"] == 4 * row["parameters"]


def test_every_body_is_listed_with_its_size(capsys):
    assert main(["backbones", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found] == list(BACKBONES.names())
    assert all(row["parameters"] > 50_000 for row in found)
    assert main(["backbones", "resnet5"]) == 0
    text = capsys.readouterr().out
    assert "resnet50 " in text
    assert "vgg16" not in text
    (line,) = [t for t in text.splitlines() if t.startswith("cifar_resnet56")]
    assert "32 px" in line
    assert "imagenet" not in line


def test_one_of_your_own_has_no_count(capsys, monkeypatch):
    entry = Entry("somewhere:body")
    monkeypatch.setitem(BACKBONES._entries, "mine", entry)
    assert main(["backbones", "mine"]) == 0
    assert "-        -" in capsys.readouterr().out
    assert main(["backbones", "no such"]) == 1
    assert "Received: no such" in capsys.readouterr().err
