"""Images of a split carry what is known of them wherever they go."""

import numpy as np
import pytest

from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.cuts.cut import cut_source
from fgkeras.data.cuts.holdout import holdout
from fgkeras.data.cuts.relabel import relabel
from fgkeras.data.cuts.renumbered import renumbered
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split
from fgkeras.data.sources.split import joined_splits
from fgkeras.runs.run_data import as_recorded
from fgkeras.runs.run_data import part_of


def split(ids, labels=None, boxes=True):
    """A split whose boxes and columns name its images."""
    numbers = np.array([int(i) for i in ids])
    return Split(
        tuple(ids),
        numbers % 3 if labels is None else np.array(labels, "int64"),
        np.repeat(numbers[:, None], 4, 1).astype("float32") if boxes else None,
        {
            "author": np.array([f"author {i}" for i in ids], object),
            "year": 2000 + numbers,
            "score": numbers / 2,
        },
    )


def source():
    ids = [str(i) for i in range(12)]
    return Source(
        "made:",
        ("a", "b", "c"),
        {"train": split(ids[:9]), "test": split(ids[9:])},
        {"kind": ("x", "y", "y")},
    )


def check(part):
    assert len(part)
    for i, image_id in enumerate(part.ids):
        assert part.boxes[i].tolist() == [int(image_id)] * 4
        assert part.columns["author"][i] == f"author {image_id}"
        assert part.columns["year"][i] == 2000 + int(image_id)
        assert part.columns["score"][i] == int(image_id) / 2


@pytest.mark.parametrize(
    "changed",
    [
        lambda s: s.split("test").take([2, 0]),
        lambda s: s.split("train+test"),
        lambda s: s.split("*"),
        lambda s: s.select("train", [3, 1]).split("train"),
        lambda s: select_classes(s, [2, 0]).split("train"),
        lambda s: relabel(s, "kind").split("train"),
        lambda s: renumbered(s, "cba").split("train"),
        lambda s: holdout(s, 0.3, split="train", names=("a", "b")).split("a"),
        lambda s: cut_source(s, "cap:2").split("train"),
        lambda s: as_recorded(s, part_of(s, "*"), "abc").split("*"),
    ],
)
def test_boxes_and_columns_go_with_their_images(changed):
    check(changed(source()))


def test_what_a_part_lacks_is_empty():
    bare = Split(("7",), np.array([1]))
    joined = joined_splits([split(["1"]), bare, split(["2"])])
    assert joined.ids == ("1", "7", "2")
    assert joined.boxes[[0, 2]].tolist() == [[1.0] * 4, [2.0] * 4]
    assert np.isnan(joined.boxes[1]).all()
    assert joined_splits([bare, Split(("8",), np.array([1]))]).boxes is None
    columns = {k: v.tolist() for k, v in joined.columns.items()}
    assert np.isnan(columns["score"][1])
    assert columns == {
        "author": ["author 1", "", "author 2"],
        "year": ["2001", "", "2002"],
        "score": [0.5, columns["score"][1], 1.0],
    }


def test_columns_of_different_types_become_text():
    one = Split(("1",), np.array([0]), columns={"x": np.array([3])})
    two = Split(("2",), np.array([0]), columns={"x": np.array([2.5])})
    three = Split(("3",), np.array([0]), columns={"x": np.array(["t"], object)})
    joined = joined_splits([one, two, three])
    assert joined.columns["x"].tolist() == ["3", "2.5", "t"]


def test_parts_without_images_count_for_nothing():
    empty = Split((), np.zeros(0, "int64"))
    check(joined_splits([empty, split(["1", "2"]), empty]))
    assert len(joined_splits([empty, empty])) == 0
    assert len(joined_splits([])) == 0
