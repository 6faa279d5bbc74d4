"""Splits of a source by one name, by several, and all of them."""

import numpy as np
import pytest

from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split


def source(**more):
    splits = {
        "train": Split(("1", "2", "3"), np.array([2, 0, 1])),
        "val": Split(("6",), np.array([0])),
        "test": Split(("4", "5"), np.array([2, 2])),
        **more,
    }
    return Source("made:", ("a", "b", "c"), splits)


def test_several_splits_are_one():
    both = source().split("train+test")
    assert both.ids == ("1", "2", "3", "4", "5")
    assert both.labels.tolist() == [2, 0, 1, 2, 2]
    assert source().counts("test+train").tolist() == [1, 1, 3]


def test_all_images_stand_in_it_once():
    assert source().split("*").ids == tuple("123645")
    again = source(all=Split(("2", "7"), np.array([0, 1]))).split("*")
    assert again.ids == tuple("1236457")
    assert again.labels.tolist() == [2, 0, 1, 0, 2, 2, 1]


def test_a_split_of_just_that_name_goes_first():
    named = source(**{"train+val": Split(("9",), np.array([0]))})
    assert named.split("train+val").ids == ("9",)
    assert named.has_split("train+val")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dev", r"one of \['test', 'train', 'val'\].*split='dev'"),
        ("train+dev", r"split='dev' in 'train\+dev'"),
        ("train+", r"split='' in 'train\+'"),
        ("train+*", r"split='\*' in 'train\+\*'"),
        ("train+train", r"'train\+train'.*'1' stands twice"),
        ("train+all", r"'train\+all'.*'2' stands twice"),
    ],
)
def test_what_is_no_split_is_said(text, message):
    made = source(all=Split(("2",), np.array([0]))) if "all" in text else None
    with pytest.raises(ValueError, match=message):
        (made or source()).split(text)


def test_has_split():
    made = source()
    for text, there in (
        ("train", True),
        ("train+val", True),
        ("*", True),
        ("dev", False),
        ("train+dev", False),
    ):
        assert made.has_split(text) == there


def test_images_without_a_label_belong_to_no_class():
    made = source(more=Split(("8", "9"), np.array([-1, 1])))
    assert made.counts("more").tolist() == [0, 1, 0]
    assert made.labelled
    alone = Split(("8",), np.array([-1]))
    assert not Source("x", (), {"all": alone}).labelled


def test_what_is_cut_later_stays_in_a_split_of_its_own():
    made = source().with_split("train+val")
    cut = made.select("train", [0])
    assert cut.split("train").ids == ("1",)
    assert cut.split("train+val").ids == tuple("1236")
