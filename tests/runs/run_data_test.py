"""What a run keeps of its data, and how changes of them are said."""

import dataclasses
import json

import numpy as np
import pytest

from fgkeras.config import Config
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split
from fgkeras.runs.data_changes import changes
from fgkeras.runs.data_changes import differences
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.run_data import Part
from fgkeras.runs.run_data import RunData
from fgkeras.runs.run_data import as_recorded
from fgkeras.storage import write_json


class Listed(Source):
    """A source whose images have a size and no content."""

    sizes = {}

    def stamps(self, ids):
        return [str(self.sizes.get(i, 7)) for i in ids]


def source(names="ab", train="uvw", test="xy", **sizes):
    out = Listed(
        "flora:",
        names,
        {
            "train": Split(tuple(train), np.arange(len(train)) % len(names)),
            "test": Split(tuple(test), np.arange(len(test)) % len(names)),
        },
        {"initial": [n.upper() for n in names]},
    )
    out.sizes = sizes
    return out


def data(*args, **sizes):
    return RunData.of(Config(), source(*args, **sizes))


def test_written_and_read_again(tmp_path):
    folder = RunFolder(tmp_path)
    kept = data().with_hashes({"test": {"x": "12", "y": "34"}})
    kept.write(folder)
    again = RunData.read(folder)
    assert again.__dict__ == kept.__dict__
    assert again.parts["test"].sha256 == ["12", "34"]
    assert again.sources["source"]["typed"] == "flora:"
    value = json.loads((tmp_path / "data.json").read_text())
    # Where images lie may be put right; those of earlier ones have no sum.
    value["sources"]["source"]["typed"] = "folder:x"
    (tmp_path / "data.json").write_text(json.dumps(value))
    assert RunData.read(folder).sources["source"]["typed"] == "folder:x"
    value["others"] = ["z"]
    (tmp_path / "data.json").write_text(json.dumps(value))
    with pytest.raises(ValueError, match="it was changed since it was written"):
        RunData.read(folder)
    del value["sha256"]
    (tmp_path / "data.json").write_text(json.dumps(value))
    assert RunData.read(folder).others == ("z",)
    del value["images"]
    (tmp_path / "data.json").write_text(json.dumps(value))
    with pytest.raises(ValueError, match="data.json, which is damaged"):
        RunData.read(folder)


def test_paths_are_kept_as_typed_and_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for label in "ab":
        (tmp_path / "photos" / label).mkdir(parents=True)
        (tmp_path / "photos" / label / "1.jpg").write_bytes(b"12345")
    from fgkeras.data.open import open as open_source

    config = Config.read(
        changes={
            "data.source": "folder:photos",
            "data.train_split": "all",
            "data.test_split": "all",
        }
    )
    kept = RunData.of(config, open_source("folder:photos"))
    assert kept.sources == {
        "source": {
            "typed": "folder:photos",
            "absolute": f"folder:{tmp_path}/photos",
        }
    }
    assert kept.parts["train"].stamps == ["5", "5"]


def test_changes_are_counted_and_named():
    kept = data()
    assert changes(kept, data()) == ""
    # Neither the order of classes nor that of images is a change.
    turned = source("ba", "vuw", "yx")
    turned.splits["train"] = Split(tuple("vuw"), np.array([0, 1, 1]))
    turned.splits["test"] = Split(tuple("yx"), np.array([0, 1]))
    assert changes(kept, RunData.of(Config(), turned)) == ""
    assert (
        changes(kept, data("ab", "uvwz", "x"))
        == "train images: 1 came (z); test images: 1 went (y)"
    )
    assert changes(kept, data(v=8)) == (
        "train images: 1 with other contents (v)"
    )
    assert changes(kept, data("ac")) == (
        "classes: 1 came (c), 1 went (b); "
        "train images: 1 of another class (v); "
        "test images: 1 of another class (y)"
    )


def test_parents_that_are_trained_by_are_kept_and_compared(tmp_path):
    def described(names="ab", **parents):
        return RunData.of(Config(), source(names), parents=parents)

    kept = described(genus="xy", family="zz")
    kept.write(RunFolder(tmp_path))
    again = RunData.read(RunFolder(tmp_path)).with_hashes({})
    assert again.parents == {"genus": ("x", "y"), "family": ("z", "z")}
    assert changes(again, kept) == ""
    turned = described("ba", genus="yx", family="zz")
    assert "parent" not in changes(again, turned)
    assert changes(again, described(genus="xz", order="zz")) == (
        "parents: 1 came (order), 1 went (family), 1 of another parent (b)"
    )
    # Nothing is known of a run of an earlier version.
    assert changes(described(), kept) == ""
    value = json.loads((tmp_path / "data.json").read_text())
    del value["sha256"]
    value["parents"]["genus"] = ["x"]
    (tmp_path / "data.json").write_text(json.dumps(value))
    with pytest.raises(ValueError, match="`parents` must name a parent for"):
        RunData.read(RunFolder(tmp_path))


def test_hashes_count_more_than_sizes_and_only_where_both_are_known():
    a = Part("test", ("x", "y"), None, ["7", "7"])
    assert differences(a, dataclasses.replace(a, stamps=None)) == {}
    read = a.with_hashes({"x": "12"})
    assert read.sha256 == ["12", None]
    other = dataclasses.replace(read, sha256=["13", "99"])
    assert differences(read, other) == {"with other contents": ["x"]}
    packed = dataclasses.replace(read, stamps=["8", "7"])
    assert differences(read, packed) == {}


def test_a_source_gets_the_order_that_was_recorded():
    kept = data().parts["train"]
    turned = source("bca", "wvu")
    turned.splits["train"] = Split(
        tuple("wvu"), np.array([2, 0, 2]), np.arange(12.0).reshape(3, 4)
    )
    twin = as_recorded(turned, kept, ("a", "b"))
    part = twin.split("train")
    assert part.ids == ("u", "v", "w")
    assert part.labels.tolist() == [0, 1, 0]
    assert part.boxes[0].tolist() == [8, 9, 10, 11]
    assert twin.class_names == ("a", "b")
    assert twin.hierarchy == {"initial": ("A", "B")}


def test_folder_of_an_earlier_version(tmp_path):
    folder = RunFolder(tmp_path)
    folder.start(Config.read(changes={"data.source": "folder:photos"}))
    assert RunData.read(folder) is None
    known = {"class_names": ["a", "b"], "train_counts": [1, 1]}
    write_json(folder / "classes.json", known)
    (folder / "training_ids.txt").write_text("u\nv\nv\n")
    np.savez(
        folder / "predictions.npz", labels=np.array([1, 0, 0]), ids=list("xyy")
    )
    kept = RunData.read(folder)
    assert not kept.recorded
    assert kept.parts == {
        "train": Part("train", ("u", "v")),
        "test": Part("test", ("x", "y"), ("b", "a")),
    }
    assert kept.sources == {
        "source": {"typed": "folder:photos", "absolute": None}
    }


def test_exchanged_contents_have_another_digest():
    kept = data().with_hashes({"train": {"u": "1", "v": "2", "w": "3"}})
    turned = data().with_hashes({"train": {"u": "2", "v": "1", "w": "3"}})
    assert kept.digest() != turned.digest()
    assert (
        kept.digest()
        == data()
        .with_hashes({"train": {"u": "1", "v": "2", "w": "3"}})
        .digest()
    )


def test_copies_that_are_not_tested_on_are_kept_apart(tmp_path):
    kept = data().without_copies({"x"})
    assert kept.parts["test"].ids == ("y",)
    assert kept.parts["copies"].ids == ("x",)
    kept.write(RunFolder(tmp_path))
    assert RunData.read(RunFolder(tmp_path)).parts == kept.parts
    assert changes(kept, data().without_copies({"x"})) == ""
