import re

import numpy as np
import pytest

from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.cut import register_cut
from fgkeras.data.cuts.exponential import exponential_counts
from fgkeras.data.spec import parse_cut
from fgkeras.registries import CUTS
from tests.data.counted import make_source


def test_cut_source_leaves_the_other_splits():
    source = make_source([50] * 10)
    cut = cut_source(source, "exponential:10", seed=1)
    expected = exponential_counts(10, 50, 10)
    np.testing.assert_array_equal(cut.counts("train"), expected)
    assert cut.split("test") is source.split("test")
    assert len(source.split("train")) == 500
    same = cut_source(source, "exponential", imbalance=10, seed=1)
    assert same.split("train").ids == cut.split("train").ids


def test_cut_source_by_the_other_kinds():
    source = make_source([50, 60, 8])
    cut = cut_source(source, "cap:20")
    assert cut.counts("train").tolist() == [20, 20, 8]
    cut = cut_source(source, "pareto:6:2", max_count=40)
    assert cut.counts("train")[[0, 2]].tolist() == [40, 2]
    with pytest.raises(ValueError, match="one of exponential.*'zipf'"):
        cut_source(source, "zipf")


@pytest.mark.parametrize(
    ("cut", "options"),
    [
        ("cap", {}),
        ("cap:2", {"max_count": 3}),
        ("exponential:2", {"alpha": 6.0}),
    ],
)
def test_options_of_other_cuts_are_refused(cut, options):
    with pytest.raises(ValueError, match=f"The cut .*takes.*cut='{cut}'"):
        cut_source(make_source([5, 5]), cut, **options)


@pytest.mark.parametrize(
    "text",
    [
        "exponential",
        "exponential:",
        "zipf:3",
        "cap:2.5",
        "cap:1:2",
        "pareto:6:",
        "pareto:6:5:4:3",
        "ids:",
    ],
)
def test_unreadable_texts_are_refused(text):
    with pytest.raises(ValueError, match=f"Received: '{text}'"):
        parse_cut(text)


@pytest.mark.parametrize("name", CUTS.names())
def test_every_cut_takes_what_its_line_says(name):
    takes = CUTS.load(name).__code__.co_varnames
    arguments = tuple(CUTS[name].facts["arguments"])
    assert takes[1 : 1 + len(arguments)] == arguments
    assert {"split", "seed"} <= set(takes)


def test_a_name_that_is_taken_or_none_is_refused():
    with pytest.raises(ValueError, match="taken"):
        register_cut("cap", len)
    with pytest.raises(ValueError, match="no `:`"):
        register_cut("a:b", len)


def test_a_cut_of_several_splits_is_one_of_them():
    cut = cut_source(make_source([9, 9]), "cap:2", split="train+test")
    assert cut.counts("train+test").tolist() == [2, 2]
    assert cut.counts("train").tolist() == [9, 9]


@pytest.mark.parametrize("cut", ["exponential:3", "pareto:2", "cap:5"])
def test_another_seed_draws_others_of_the_same_numbers(cut):
    source = make_source([20, 20])
    one, two, again = (cut_source(source, cut, seed=s) for s in (1, 2, 1))
    assert one.counts("train").tolist() == two.counts("train").tolist()
    assert set(one.split("train").ids) != set(two.split("train").ids)
    assert one.split("train").ids == again.split("train").ids


def test_classes_that_a_cut_empties_are_noted():
    source = make_source([5] * 10)
    cut = cut_source(source, "exponential:20")
    assert int((cut.counts("train") == 0).sum()) > 0
    assert "of 10 classes without an image: " in cut.notes[-1]
    best = re.search(r"none empty is (exponential:\d+)\.", cut.notes[-1])[1]
    assert best == "exponential:5"
    assert cut_source(source, best).counts("train").min() == 1
    assert cut_source(source, best).notes == ()
    cut = cut_source(source, "pareto:6")
    assert "pareto:6:1 keeps" in cut.notes[-1]
    assert cut_source(source, "pareto:6:1").counts("train").min() == 1


@pytest.mark.parametrize("text", ["exponential:2", "pareto:6:2"])
def test_classes_too_small_for_a_cut_name_the_size_that_fits(text):
    source = make_source([4, 9, 9])
    with pytest.raises(
        ValueError, match="'class 0' with 4 instead of 9"
    ) as caught:
        cut_source(source, text)
    way = re.search(rf"{text}:\d+", str(caught.value))[0]
    assert cut_source(source, way).counts("train")[0] == 4
    assert "allow_fewer" not in str(caught.value)
