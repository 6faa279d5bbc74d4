import re

import numpy as np
import pytest

from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import log_axis
from fgkeras.report.class_scatter import class_scatter
from fgkeras.report.effective_chart import effective_chart
from fgkeras.report.effective_chart import tail_chart
from fgkeras.report.sureness.reliability import reliability_diagram


@pytest.mark.parametrize("scale", [1e-6, 1.0, 3e7])
def test_axes_hold_their_range(scale):
    generator = np.random.default_rng(0)
    for low, width in generator.random((200, 2)):
        low, high = (low - 0.5) * scale, (low - 0.5 + width) * scale
        axis = linear_axis(low, high)
        assert axis.low <= low + 1e-9 * scale
        assert axis.high >= high - 1e-9 * scale
        assert 2 <= len(axis.ticks) <= 12
        axis = log_axis(width * scale, width * scale * 40)
        assert axis.low <= width * scale * (1 + 1e-6)
        assert axis.high >= width * scale * 40 * (1 - 1e-6)


def test_an_axis_of_one_value():
    axis = linear_axis(0.0, 0.0)
    assert axis.low < 0 < axis.high
    axis = log_axis(10, 10)
    assert axis.low <= 10 <= axis.high
    assert axis.low < axis.high


def rows(counts, accuracy):
    return [
        {"name": f"c{i}", "train_count": int(c), "n": 4, "accuracy": a}
        for i, (c, a) in enumerate(zip(counts, accuracy, strict=True))
    ]


def test_binned_medians_agree_with_the_definition():
    generator = np.random.default_rng(0)
    counts = generator.integers(0, 400, 300)
    accuracy = generator.random(300).tolist()
    accuracy[7] = None
    figure = class_scatter(rows(counts, accuracy))
    assert figure.svg.count("<circle") == 299 + len(figure.rows)
    for size, number, mean, median, *_ in figure.rows:
        low, _, high = size.partition(" to ")
        inside = [
            a
            for c, a in zip(counts, accuracy, strict=True)
            if int(low) <= c <= int(high or low) and a is not None
        ]
        assert int(number) == len(inside)
        assert median == f"{100 * np.median(inside):.1f} %"
        assert mean == f"{100 * np.mean(inside):.1f} %"
    assert sum(int(row[1]) for row in figure.rows) == 299


def test_many_classes_become_cells():
    generator = np.random.default_rng(0)
    counts = generator.integers(1, 900, 3000)
    figure = class_scatter(rows(counts, generator.random(3000)))
    cells = re.findall(r'class="cell".*?<title>(\d+) classes', figure.svg)
    assert sum(map(int, cells)) == 3000
    assert len(figure.svg) < 200_000


@pytest.mark.parametrize("counts", [[0], [1], [100], [10**6], [0, 0, 5]])
def test_any_sizes_can_be_drawn(counts):
    figure = class_scatter(rows(counts, [0.5] * len(counts)))
    numbers = re.findall(r' (?:x|y|cx|cy|x1|x2)="([^"]*)"', figure.svg)
    assert all(-1 <= float(value) <= 941 for value in numbers)


def test_nothing_to_draw():
    assert class_scatter(rows([5], [None])) is None
    assert class_scatter([{"train_count": None, "accuracy": 0.5}]) is None


def calibration(confidence, accuracy):
    return {
        "ece": abs(confidence - accuracy),
        "bins": [
            {
                "lower": 0.5,
                "upper": 1.0,
                "n": 10,
                "confidence": confidence,
                "accuracy": accuracy,
            },
            {
                "lower": 0.0,
                "upper": 0.5,
                "n": 0,
                "confidence": None,
                "accuracy": None,
            },
        ],
    }


@pytest.mark.parametrize(
    ("confidence", "accuracy", "word"),
    [(0.9, 0.6, "too sure"), (0.6, 0.9, "too modest"), (0.8, 0.8, "fair")],
)
def test_reliability_says_which_way_it_leans(confidence, accuracy, word):
    figure = reliability_diagram(calibration(confidence, accuracy))
    assert word in figure.alt
    assert figure.svg.count('class="bar a"') == 1
    assert len(figure.rows) == 2


def test_effective_numbers_are_drawn_at_the_sizes_of_the_classes():
    images = np.arange(1, 2001)
    curves = {
        0.9: (images, (1 - 0.9**images) / (1 - 0.9)),
        1: (images, images),
    }
    figure = effective_chart(curves, [1000, 5, 0])
    assert figure.columns == ["Beta", "5 images", "1000 images"]
    assert figure.rows == [["0.9", "4.1", "10"], ["1", "5", "1,000"]]
    assert str(figure.svg).count('class="curve a"') == 2


def test_tails_are_drawn_beside_the_set():
    tails = {10: np.array([50, 16, 5]), 50: np.array([50, 7, 1])}
    figure = tail_chart(tails, [20, 0, 30, 40])
    assert figure.rows == [
        ["10", "71", "5"],
        ["50", "58", "1"],
        ["as it is", "90", "20"],
    ]
    assert str(figure.svg).count('class="curve b"') == 1
