"""Classes are chosen and numbered anew; their images stay theirs."""

import numpy as np
import pytest

from fgkeras.data.cuts.class_subset import class_numbers
from fgkeras.data.cuts.class_subset import select_classes
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.source import Split


def source():
    return Source(
        "made:",
        ("a", "b", "c"),
        {
            "train": Split(("1", "2", "3"), np.array([2, 0, 1])),
            "test": Split(("4", "5"), np.array([2, 2])),
        },
        {"parent": ("x", "y", "x")},
    )


def test_select_renumbers_and_keeps_images():
    part = select_classes(source(), [2, 0])
    assert part.class_names == ("c", "a")
    assert part.hierarchy == {"parent": ("x", "x")}
    assert part.split("train").ids == ("1", "2")
    assert part.split("train").labels.tolist() == [0, 1]
    assert part.split("test").labels.tolist() == [0, 0]
    assert source().num_classes == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0:2", [0, 1]), ("2", [2]), (":1,2:", [0, 2]), ("1,1", [1])],
)
def test_numbers(text, expected):
    assert class_numbers(text, 3).tolist() == expected


@pytest.mark.parametrize("text", ["0:4", "x", "2:2", "-1", ""])
def test_bad_numbers(text):
    with pytest.raises(ValueError, match="half-open"):
        class_numbers(text, 3)
