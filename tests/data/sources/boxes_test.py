"""Boxes: sound or not, widened, as pixels, and turned as pictures are."""

import math

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image

from fgkeras.data.images import image
from fgkeras.data.sources.boxes import box_windows
from fgkeras.data.sources.boxes import boxed
from fgkeras.data.sources.boxes import shown_box
from fgkeras.data.sources.boxes import widened
from fgkeras.data.sources.source import Source
from fgkeras.data.sources.split import Split

NONE = [np.nan] * 4
GOOD = [0.25, 0.0, 1.0, 0.5]


def source_of(**boxes):
    splits = {
        name: Split(
            tuple(
                f"{name}/{i}" for i in range(2 if rows is None else len(rows))
            ),
            np.zeros(2 if rows is None else len(rows), "int64"),
            None if rows is None else np.array(rows, "float32"),
        )
        for name, rows in boxes.items()
    }
    return Source("csv:list.csv", ["a"], splits)


def test_images_without_a_sound_box_stop_or_are_listed():
    rows = [
        GOOD,
        NONE,
        [0.5, 0, 0.5, 1],
        [0, 0.6, 1, 0.5],
        [-0.1, 0, 1, 1],
        [0, 0, 1, 1.001],
        [0, 0, 1.0000001, 1],
    ]
    source = source_of(train=rows, test=[GOOD])
    with pytest.raises(ValueError, match="5 that are not") as caught:
        boxed(source)
    text = str(caught.value)
    assert "2 x its box reaches beyond the picture: train/4, train/5" in text
    assert "2 x its box is empty: train/2, train/3" in text
    assert "1 x it has no box: train/1" in text
    assert "--skip-bad" in text
    found = boxed(source, skip_bad=True)
    assert found.split("train").ids == ("train/0", "train/6")
    assert [name for name, _ in found.refused] == [
        f"train/{i}" for i in range(1, 6)
    ]
    assert source.refused == []


def test_a_source_without_boxes_is_refused_by_name():
    source = source_of(train=None)
    with pytest.raises(ValueError, match="csv:list.csv, which has none") as no:
        boxed(source, skip_bad=True)
    assert str(no.value).endswith("or leave data.crop_to_box out.")
    with pytest.raises(ValueError, match="or look elsewhere.$"):
        boxed(source, way="look elsewhere")


def test_a_split_without_boxes_is_bad_where_others_have_them():
    source = source_of(train=[GOOD], test=None)
    with pytest.raises(ValueError, match="2 x it has no box: test/0, test/1"):
        boxed(source)
    with pytest.raises(ValueError, match="where none of 2 has one"):
        boxed(source, skip_bad=True)


def test_sound_boxes_leave_a_source_as_it_is():
    source = source_of(train=[GOOD])
    assert boxed(source) is source


@hypothesis.given(
    strategies.lists(strategies.integers(0, 40), min_size=4, max_size=4),
    strategies.tuples(strategies.integers(1, 40), strategies.integers(1, 40)),
    strategies.sampled_from([0.0, 0.1, 0.5, 2.0]),
)
def test_windows_hold_each_pixel_that_the_box_touches(sides, size, margin):
    height, width = size
    ymin, ymax = sorted(min(s, height) for s in sides[:2])
    xmin, xmax = sorted(min(s, width) for s in sides[2:])
    hypothesis.assume(ymin < ymax and xmin < xmax)
    # In single precision, as sources have them.
    box = np.array(
        [[ymin / height, xmin / width, ymax / height, xmax / width]], "float32"
    )
    (window,) = box_windows(widened(box, margin), [height], [width])
    down, across = margin * (ymax - ymin), margin * (xmax - xmin)
    top = max(0, math.floor(ymin - down + 1e-3))
    left = max(0, math.floor(xmin - across + 1e-3))
    bottom = min(height, math.ceil(ymax + down - 1e-3))
    right = min(width, math.ceil(xmax + across - 1e-3))
    assert window.tolist() == [top, left, bottom - top, right - left]


def test_a_window_has_a_pixel():
    tiny = [[0.5, 0.99, 0.5001, 1.0], [0.9999, 0.0, 1.0, 1.0]]
    found = box_windows(tiny, [10, 10], [4, 4])
    assert found.tolist() == [[5, 3, 1, 1], [9, 0, 1, 4]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_turns_as_its_picture_does(orientation):
    """A white patch of the file is where its box is, once it is shown."""
    stored = np.zeros((20, 40, 3), "uint8")
    stored[2:7, 12:36] = 255
    box = shown_box((2 / 20, 12 / 40, 7 / 20, 36 / 40), orientation)
    turn = image.TRANSPOSE.get(orientation)
    shown = Image.fromarray(stored)
    shown = np.asarray(shown if turn is None else shown.transpose(turn))
    (y, x, h, w) = box_windows([box], [shown.shape[0]], [shown.shape[1]])[0]
    assert (shown[y : y + h, x : x + w] == 255).all()
    assert (shown == 255).sum() == 3 * h * w
