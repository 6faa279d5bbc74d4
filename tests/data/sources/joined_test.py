"""Sources as one: ids, classes, splits, parents and contents."""

import pickle

import numpy as np
import pytest

from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.sources.joined import joined
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split


class Made(Source):
    def read(self, image_id):
        return f"{self.spec} {image_id}".encode()


class Stamped(Made):
    def stamps(self, ids):
        return [f"stamp of {i}" for i in ids]


def made(spec, names, kind=Made, hierarchy=None, **splits):
    """A source of an image of each class in every split."""
    parts = {
        split: Split(
            tuple(f"{split}/{c}" for c in classes),
            np.array([names.index(c) if c != "-" else -1 for c in classes]),
        )
        for split, classes in (splits or {"all": names}).items()
    }
    return kind(spec, names, parts, hierarchy)


def classes_of(source, split):
    names = (*source.class_names, "-")
    part = source.split(split)
    return {
        i: names[label] for i, label in zip(part.ids, part.labels, strict=True)
    }


def test_classes_of_one_name_are_one_and_splits_join():
    a = made("folder:/p/a", ["elm", "oak"], train=["elm", "oak"], test=["oak"])
    b = made("zip:/q/b.zip", ["ash", "elm"], train=["elm"], val=["ash", "-"])
    both = joined(a, b)
    assert both.spec == "folder:/p/a+zip:/q/b.zip"
    assert both.class_names == ("elm", "oak", "ash")
    assert {s: classes_of(both, s) for s in both.splits} == {
        "train": {
            "a/train/elm": "elm",
            "a/train/oak": "oak",
            "b.zip/train/elm": "elm",
        },
        "test": {"a/test/oak": "oak"},
        "val": {"b.zip/val/ash": "ash", "b.zip/val/-": "-"},
    }
    assert both.counts("train").tolist() == [2, 1, 0]
    assert set(both.listed) == set(both.split("*").ids)
    assert both.read("b.zip/train/elm") == b"zip:/q/b.zip train/elm"


def test_classes_apart():
    a = made("folder:/p/a", ["elm", "oak"], hierarchy={"kind": ["x", "y"]})
    b = made("folder:/p/b", ["elm"], hierarchy={"kind": ["z"]})
    both = joined(a, b, classes="apart")
    assert both.class_names == ("a/elm", "a/oak", "b/elm")
    assert both.split("all").labels.tolist() == [0, 1, 2]
    assert both.hierarchy == {"kind": ("x", "y", "z")}
    with pytest.raises(ValueError, match="classes='both'"):
        joined(a, b, classes="both")
    with pytest.raises(ValueError, match="1 sources"):
        joined(a)


def test_names_of_sources_differ():
    sources = [
        made(spec, ["elm"])
        for spec in (
            "folder:/p/a",
            "folder:/q/a",
            "flora:",
            "flora:seed=1",
            "a:",
        )
    ]
    ids = joined(*sources).split("all").ids
    assert [i.partition("/")[0] for i in ids] == [
        "a",
        "a-2",
        "flora",
        "flora-2",
        "a-3",
    ]
    assert len(set(ids)) == 5


def test_parents_are_kept_where_they_agree():
    a = made(
        "folder:/a",
        ["elm", "oak"],
        hierarchy={
            "family": ["u", "f"],
            "leaf": ["x", "y"],
            "only": ["1", "2"],
        },
    )
    b = made(
        "folder:/b",
        ["ash", "oak"],
        hierarchy={"leaf": ["x", "z"], "family": ["o", "f"]},
    )
    both = joined(a, b)
    assert both.class_names == ("elm", "oak", "ash")
    assert both.hierarchy == {"family": ("u", "f", "o")}
    leaf, only = both.notes
    assert "`leaf`" in leaf
    assert "class oak has y and z" in leaf
    assert "`only`" in only
    assert "b has none" in only
    with pytest.raises(ValueError, match="`only`.*left out: b has none"):
        relabel(both, "only")
    # A source without classes has no say in them.
    bare = made("images:/c", [], all=["-"])
    assert set(joined(a, bare).hierarchy) == set(a.hierarchy)


def test_columns_and_boxes_join():
    a, b = made("folder:/a", ["elm"]), made("folder:/b", ["oak"])
    licence = np.array(["CC0"], object)
    whole = a.split("all")
    a = a.with_splits(
        {"all": Split(whole.ids, whole.labels, None, {"licence": licence})}
    )
    columns = joined(b, a).split("all").columns
    assert columns["licence"].tolist() == ["", "CC0"]


def test_stamps_are_those_of_the_sources():
    a = made("folder:/a", ["elm", "oak"], Stamped)
    b = made("folder:/b", ["elm"])
    both = joined(a, b)
    ids = ["b/all/elm", "a/all/oak", "a/all/elm"]
    stamps = [None, "stamp of all/oak", "stamp of all/elm"]
    assert both.stamps(ids) == stamps
    assert joined(b, made("folder:/c", ["elm"])).stamps(["b/all/elm"]) is None


def test_what_was_left_out_or_run_through_is_named():
    a, b = made("folder:/a", ["elm"]), made("folder:/b", ["oak"])
    a.refused = [("x.txt", "no image")]
    b.sound = {"all/oak": (b"12", b"data")}
    both = joined(a, b)
    assert both.refused == [("a/x.txt", "no image")]
    assert both.sound == {"b/all/oak": (b"12", b"data")}
    # The bytes are held in one place, from which a reader takes them.
    assert not any(source.sound for source in both._sources.values())


def test_class_names_that_differ_by_case_are_refused():
    with pytest.raises(ValueError, match="'Oak' and 'oak'"):
        joined(made("folder:/a", ["Oak"]), made("folder:/b", ["oak"]))


def test_it_is_pickled_and_cut():
    both = joined(made("folder:/a", ["elm", "oak"]), made("folder:/b", ["elm"]))
    twin = pickle.loads(pickle.dumps(both.select("all", [2])))
    assert twin.split("all").ids == ("b/all/elm",)
    assert twin.read("b/all/elm") == b"folder:/b all/elm"
