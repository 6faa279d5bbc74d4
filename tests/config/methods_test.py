"""Names of methods, their options, and configs that make no sense."""

import pytest

from fgkeras.config.methods import describe_options
from fgkeras.config.methods import kinds_of
from fgkeras.config.methods import known_options
from fgkeras.config.methods import method_named
from fgkeras.config.methods import method_options
from fgkeras.registries import METHODS


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


def test_options_have_kinds():
    assert method_options(
        "dvml-npair", "first_weights=kl:0.5+recon:2,second_weights=kl:0"
    ) == {
        "first_weights": {"kl": 0.5, "recon": 2.0},
        "second_weights": {"kl": 0.0},
    }
    assert method_options("hdml-npair", "beta=scaled") == {"beta": "scaled"}
    assert method_options("hdml-npair", "beta=5e3") == {"beta": 5000.0}
    assert method_options("hdc", "fraction=0.5:0.2")["fraction"] == [0.5, 0.2]
    assert method_options("hdc", "fraction=0.3") == {"fraction": 0.3}


def test_kinds_are_those_of_the_targets():
    from fgkeras.mining.quasi_online import NEGATIVES
    from fgkeras.mining.quasi_online import REJECTED
    from fgkeras.models import hardness_aware
    from fgkeras.models import variational

    listed = kinds_of("triplet-a")
    assert listed["negatives"].all() == NEGATIVES
    assert listed["rejected"].all() == REJECTED
    weights = kinds_of("dvml-margin")["first_weights"]
    assert weights.names == variational.TERMS
    for name, target in (
        ("hdml-npair", hardness_aware),
        ("hdml-triplet", hardness_aware),
        ("dvml-npair", variational),
        ("dvml-triplet", variational),
    ):
        kinds = kinds_of(name)
        for key in set(known_options(name)) & set(target.RULES):
            for value in (-1.0, 0.0, 0.5, 1.0, 2.0):
                value = int(value) if value == int(value) else value
                try:
                    target.RULES[key].checked(key, value)
                except ValueError:
                    with pytest.raises(ValueError, match="be|lie"):
                        kinds[key].read(str(value))
                else:
                    if (key, value) != ("seed", -1):
                        kinds[key].read(str(value))


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_takes_is_described(name):
    lines = describe_options(name)
    assert [line.partition("=")[0] for line in lines] == [*known_options(name)]
    kinds = kinds_of(name)
    assert set(kinds) >= set(known_options(name)) or not kinds
    if kinds:
        assert all(line.endswith(")") for line in lines)


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("triplet", "margn=1", "may set margin.*Received: margn=1"),
        ("triplet", "margin=wide", "margin must be a float.*margin=wide"),
        ("triplet2-dws", "num_lots=1", "may set margin, cutoff, limit, nea"),
        ("softmax", "margin=1", "may set -"),
        ("hdml-npair", "margin=1", "Received: margin=1"),
        ("dvml-triplet", "l2=1", "Received: l2=1"),
        ("dvml-margin", "margin=1", "Received: margin=1"),
        ("dvml-triplet", "first_weights=1", "Received: first_weights=1"),
        ("dvml-triplet", "first_weights=ml:1", "written kl:X.recon:X.*ml:1"),
        ("dvml-triplet", "second_weights=kl:-1", "must be at least 0"),
        ("dvml-triplet", "first_weights=kl:1+kl:2", "must be written"),
        ("dvml-triplet", "first_steps=-1", "first_steps must be at least 0"),
        ("hdml-npair", "beta=-1", "beta must be one of scaled or be at least"),
        ("hdml-npair", "recon_share=2", r"recon_share must lie in \[0, 1\]"),
        ("hdc", "fraction=0.5:0", r"must be a number or lie in \(0, 1\]"),
        ("triplet-hn", "negatives=nearest", "negatives must be one of random"),
        ("triplet-hn", "rejected=none", "rejected must be one of violating"),
        ("proxy-nca", "per_class=3", "Received: per_class=3"),
        ("triplet-hm", "", "A method is one .*'triplet-hm'. Did"),
    ],
)
def test_bad_options(name, text, match):
    with pytest.raises(ValueError, match=match):
        method_options(name, text)
