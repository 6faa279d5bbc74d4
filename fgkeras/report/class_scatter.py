"""Accuracy of each class against the training images that it has."""

import numpy as np

from fgkeras.evaluation.frequency_group import LIMITS
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import log_axis
from fgkeras.report.canvas import percent_axis
from fgkeras.report.number import number
from fgkeras.report.number import percent

_MAX_DOTS = 1000
_ZERO = 0.5  # where a class without training images stands on the log axis
_EDGES = [0] + [m * 10**k for k in range(9) for m in (1, 2, 5)]


def class_scatter(per_class, limits=LIMITS):
    """Draws class accuracy over class size, with the median of size bins.

    Up to 1000 classes are dots; more are counted in cells, darker where more
    classes are.

    Args:
        per_class: list of dicts of a classification report, with
            `train_count`, `n`, `accuracy` and `name`.
        limits: of the groups of classes, one or two whole numbers, or none.

    Returns:
        `Figure`, or None where no class has both numbers.
    """
    rows = [
        row
        for row in per_class
        if row["accuracy"] is not None and row["train_count"] is not None
    ]
    if not rows:
        return None
    size = np.array([row["train_count"] for row in rows])
    accuracy = np.array([row["accuracy"] for row in rows])
    place = np.maximum(size, _ZERO)
    axis = log_axis(min(place.min(), 10), max(place.max(), 100))
    if size.min() == 0:
        ticks = [t for t in axis.ticks if t[0] >= 1]
        axis = type(axis)(_ZERO * 0.8, axis.high, [(_ZERO, "0"), *ticks], True)
    canvas = Canvas(
        940, 400, axis, percent_axis(), "Training images of the class",
        "Accuracy of the class", left=74,
    )  # fmt: skip
    for value in dict.fromkeys(limits):
        if axis.low < value < axis.high:
            column = canvas.x(value)
            canvas.line(column, 24, column, 354, "border")
    for text, value, kind, shift in _named(limits):
        if axis.low < value < axis.high:
            canvas.text(canvas.x(value) + shift, 18, text, kind)
    if len(rows) <= _MAX_DOTS:
        for row, x, y in zip(rows, place, accuracy, strict=True):
            canvas.circle(
                canvas.x(x), canvas.y(y), 4.0, "dot a faint",
                f"{row['name']}: {percent(row['accuracy'])}, "
                f"{row['train_count']} training and {row['n']} test images",
            )  # fmt: skip
    else:
        _cells(canvas, place, accuracy)
    bins = _bins(size, accuracy)
    for low, high, _, first, middle, third, mean in bins:
        left = max(canvas.x(max(low, _ZERO)), canvas.left)
        right = canvas.x(min(max(high, 0.9), axis.high))
        top, base = canvas.y(third), canvas.y(first)
        canvas.rect(left, top, right - left, base - top, "band")
        canvas.line(left, canvas.y(middle), right, canvas.y(middle), "median")
        canvas.circle((left + right) / 2, canvas.y(mean), 6.0, "mean")
    table = [
        [
            _range(low, high),
            number(count),
            percent(mean),
            percent(middle),
            percent(first),
            percent(third),
        ]
        for low, high, count, first, middle, third, mean in bins
    ]
    alt = (
        f"Accuracy of {len(rows)} classes against their training images. "
        "Median accuracy by size: "
        + "; ".join(f"{row[0]} images {row[3]}" for row in table)
        + "."
    )
    return Figure(
        "Accuracy against class size",
        canvas.svg(alt),
        alt,
        [
            "Training images",
            "Classes",
            "Mean accuracy",
            "Median accuracy",
            "Lower quartile",
            "Upper quartile",
        ],
        table,
        "Bars: median over the classes of a size, with the middle half of "
        "them shaded; large dots: their mean. "
        + (
            "Each dot is a class."
            if len(rows) <= _MAX_DOTS
            else "Darker cells hold more classes."
        )
        + " Every class is in the table of classes.",
    )


def _named(limits):
    """Names of the groups: text, where, CSS class and how far beside it."""
    if not len(limits):
        return []
    low, high = limits[0], limits[-1]
    named = [("tail", low, "tick end", -6), ("head", high, "tick", 6)]
    if low < high:
        middle = float(np.sqrt(low * high))
        named.append(("medium", middle, "tick middle", 0))
    return named


def _bins(size, accuracy):
    result = []
    for low, high in zip(_EDGES, _EDGES[1:], strict=False):
        inside = accuracy[(size >= low) & (size < high)]
        if len(inside):
            quartiles = np.quantile(inside, [0.25, 0.5, 0.75])
            result.append((low, high, len(inside), *quartiles, inside.mean()))
    return result


def _range(low, high):
    return str(low) if high - low == 1 else f"{low} to {high - 1}"


def _cells(canvas, place, accuracy):
    columns, rows = 48, 20
    x = [canvas.x_axis.fraction(value) for value in place]
    count = np.histogram2d(
        x, accuracy, bins=(columns, rows), range=((0, 1), (0, 1))
    )[0].astype(int)
    width = (canvas.width - canvas.left - canvas.right) / columns
    height = (canvas.height - canvas.top - canvas.bottom) / rows
    most = count.max()
    for column, row in np.argwhere(count):
        number_inside = int(count[column, row])
        canvas.rect(
            float(canvas.left + column * width),
            float(canvas.height - canvas.bottom - (row + 1) * height),
            width, height, "cell", f"{number_inside} classes",
            opacity=0.12 + 0.88 * float(np.sqrt(number_inside / most)),
        )  # fmt: skip
