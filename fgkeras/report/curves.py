"""Training curves: one small chart per quantity, training and validation."""

import math
import re

from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import log_axis
from fgkeras.report.number import number

_MAX_POINTS = 400
_MAX_CHARTS = 8
# Of fewer epochs nothing is said; less than this share is no change.
_FEW, _CHANGE = 6, 0.01
_NOT_DRAWN = ("epoch", "stage", "seconds")
_FIRST = ("loss", "accuracy", "learning_rate")
# The coefficients of a kernel that is learned, which share a chart.
_ALPHA, _KERNEL = re.compile(r"alpha_(\d+_)?\d+"), "kernel_coefficients"


def training_curves(history):
    """Draws the history of a run.

    `accuracy` and `val_accuracy` share a chart. Where the epochs start again,
    as in a second stage, they are numbered through and the border is marked.
    `alpha_0`, `alpha_1`, ..., a kernel's coefficients, share the last chart;
    those of several levels, `alpha_1_0`, `alpha_1_1`, ..., have one a level.
    Values that are missing or not finite are left out of the line.

    Args:
        history: list of dicts, one per epoch: numbers under the names that
            Keras gives them, `learning_rate`, and perhaps `epoch` and `stage`.

    Returns:
        list of `Figure`, loss, accuracy and learning rate first.
    """
    epochs = _epochs(history)
    borders = [
        (epochs[i] - 0.5, str(history[i].get("stage", "")))
        for i in range(1, len(history))
        if history[i].get("stage") != history[i - 1].get("stage")
    ]
    names = dict.fromkeys(
        key.removeprefix("val_")
        for row in history
        for key, value in row.items()
        if key not in _NOT_DRAWN and _is_number(value)
    )
    alphas = [name for name in names if _ALPHA.fullmatch(name)]
    names = [name for name in names if name not in alphas]
    names = [n for n in _FIRST if n in names] + [
        n for n in names if n not in _FIRST
    ]
    figures = [
        _chart(
            name,
            {name: ("training", "a"), f"val_{name}": ("validation", "b")},
            epochs,
            history,
            borders,
        )
        for name in names[:_MAX_CHARTS]
    ]
    for name, own in _kernels(alphas).items():
        kinds = {
            n: (n.replace("_", " "), "ab"[i % 2]) for i, n in enumerate(own)
        }
        figures.append(_chart(name, kinds, epochs, history, borders))
    return [figure for figure in figures if figure]


def _kernels(alphas):
    """The columns of each kernel, by the name of its chart."""
    out = {}
    for name in alphas:
        level = _ALPHA.fullmatch(name)[1]
        more = f"_of_level_{level[:-1]}" if level else ""
        out.setdefault(_KERNEL + more, []).append(name)
    return out


def _chart(name, lines, epochs, history, borders):
    """Draws some columns, each with its words and kind of line."""
    series = []
    for key, (text, kind) in lines.items():
        points = [
            (epoch, float(row[key]))
            for epoch, row in zip(epochs, history, strict=True)
            if _is_number(row.get(key)) and math.isfinite(row[key])
        ]
        if points:
            series.append((text, kind, _thin(points)))
    if not series:
        return None
    title = name.replace("_", " ").capitalize()
    single, kernel = name == "learning_rate", name.startswith(_KERNEL)
    values = [value for _, _, points in series for _, value in points]
    low, high = min(values), max(values)
    if single and low > 0 and high / low >= 50:
        y_axis = log_axis(low, high)
    elif low >= 0 and high <= 1 and "accuracy" in name:
        y_axis = linear_axis(0, 1)
    else:
        y_axis = linear_axis(min(0, low) if low < high / 2 else low, high)
    x_axis = _epoch_axis(epochs)
    canvas = Canvas(380, 270, x_axis, y_axis, "Epoch", title, left=64)
    said = []
    for index, (text, kind, points) in enumerate(series):
        pixels = [(canvas.x(e), canvas.y(v)) for e, v in points]
        canvas.path(pixels, f"curve {kind}")
        if len(pixels) <= 30:
            for x, y in pixels:
                canvas.circle(x, y, 2.6, f"dot {kind}")
        if kernel:
            # Of equal ones side by side.
            end = pixels[-1][0] + 5 + 9 * (index % 2)
            canvas.text(end, pixels[-1][1] + 4, text.split()[-1], "tick")
        elif not single:
            left = 366 - 96 * (len(series) - index)
            canvas.line(left, 10, left + 20, 10, f"curve {kind}")
            canvas.text(left + 25, 14, text, "tick")
        said.append(
            f"{'' if single else text + ' '}from {number(points[0][1])} to "
            f"{number(points[-1][1])}"
        )
    for position, stage in borders:
        column = canvas.x(position)
        canvas.line(column, canvas.top, column, canvas.height - 46, "border")
        canvas.text(column + 4, canvas.top + 12.0, stage, "tick")
    alt = f"{title} over {len(history)} epochs: {', '.join(said)}."
    columns = ["Epoch"] + [title if single else s[0] for s in series]
    tables = [dict(points) for _, _, points in series]
    shown = sorted({epoch for table in tables for epoch in table})
    rows = [[e, *(number(table.get(e)) for table in tables)] for e in shown]
    notes = []
    if len(history) > _MAX_POINTS:
        notes.append(f"{len(shown)} of {len(history)} epochs are shown.")
    if kernel:
        notes.append(
            "At the end of a line stands its order, which counts by the "
            "square of the coefficient; the scale of all has no effect."
        )
    for text, _, points in () if single or kernel else series:
        if len(points) >= _FEW and len({value for _, value in points}) == 1:
            notes.append(f"{title} in {text} never changes.")
            continue
        start = flat_from(points)
        if start is not None:
            notes.append(
                f"{title} in {text}: from epoch {start} of {epochs[-1]} on it "
                f"stays within {100 * _CHANGE:.0f} % of its whole change from "
                f"{number(points[-1][1])}."
            )
    note = " ".join(notes)
    return Figure(title, canvas.svg(alt), alt, columns, rows, note)


def flat_from(points):
    """Returns from which epoch on a curve is flat for half of it or more.

    Args:
        points: list of `(epoch, value)`, at least 6 or nothing is said.

    Returns:
        The first epoch after which every value lies within a hundredth of
        the curve's span from the last; None if that is in the second half.

    Example:

    >>> flat_from([(k, max(0.0, 1 - k / 3)) for k in range(1, 11)])
    3
    >>> flat_from([(k, 1 - k / 10) for k in range(1, 11)])
    """
    values = [value for _, value in points]
    if len(values) < _FEW:
        return None
    most = _CHANGE * (max(values) - min(values))
    start = len(values) - 1
    while start and abs(values[start - 1] - values[-1]) <= most:
        start -= 1
    return points[start][0] if 2 * start <= len(values) else None


def _epochs(history):
    epochs = [row.get("epoch") for row in history]
    given = all(_is_number(e) for e in epochs)
    rises = given and all(
        a < b for a, b in zip(epochs, epochs[1:], strict=False)
    )
    if rises:
        return [int(e) if float(e).is_integer() else e for e in epochs]
    return list(range(1, len(history) + 1))


def _epoch_axis(epochs):
    axis = linear_axis(epochs[0], epochs[-1])
    low, high = epochs[0], epochs[-1]
    if low == high:
        low, high = low - 1, high + 1
    ticks = [
        (value, text)
        for value, text in axis.ticks
        if low <= value <= high and float(value).is_integer()
    ]
    return type(axis)(low, high, ticks)


def _thin(points):
    if len(points) <= _MAX_POINTS:
        return points
    last = len(points) - 1
    return [
        points[round(k * last / (_MAX_POINTS - 1))] for k in range(_MAX_POINTS)
    ]


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)
