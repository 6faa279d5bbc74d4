"""Names of methods, their options, and configs that make no sense."""

import pytest

from fgkeras.config.methods import known_options
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options


def test_a_method_is_what_its_line_says():
    method = method_named("hdml-npair")
    assert (method.kind, method.loss) == ("hdml", "npair")
    assert (method.images_per_class, method.unit_norm) == (2, False)
    assert method.batch_norm
    # What a line leaves out.
    method = method_named("lifted")
    assert (method.kind, method.images_per_class) == ("batch", 4)
    assert method.unit_norm
    assert not method.batch_norm
    assert known_options("soft-triple")["per_class"] == 3
    assert known_options("softmax") == {}


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
        ("triplet-hm", "", "A method is one .*'triplet-hm'. Did"),
    ],
)
def test_bad_options(name, text, match):
    with pytest.raises(ValueError, match=match):
        method_options(name, text)
