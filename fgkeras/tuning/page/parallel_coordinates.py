"""Every trial as a line through its options to its score."""

import math

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import log_axis
from fgkeras.tuning.interval import Interval
from fgkeras.tuning.page.strands import strands

_HEIGHT, _FOOT = 380, 34
_NOT_USED = "not used"


def parallel_coordinates(rows, over, winner, objective):
    """Draws a line for each trial: where it meets an axis is its value.

    Args:
        rows: List of dicts with `trial`, `options`, `score` and `words`, the
            trials that ended.
        over: Dict of dotted name to a list of values or an `Interval`.
        winner: Int, the number of the winner, or `None`.
        objective: String, what the scores are.

    Returns:
        `Figure`, or `None` without trials.
    """
    if not rows:
        return None
    names = list(over)
    heads = [*names, objective]
    axis = Axis(0, len(names), list(enumerate(heads)))
    canvas = Canvas(940, _HEIGHT, axis, None, "", left=100)
    canvas.right = 70
    # The frame was drawn for another width.
    canvas.parts.clear()
    places = [_places(rows, name, over[name]) for name in names]
    places.append(_scores(rows))
    base, top = _HEIGHT - canvas.bottom - _FOOT, canvas.top + 8
    for k in range(len(places)):
        column = canvas.x(k)
        canvas.line(column, top, column, base + _FOOT, "grid")
        canvas.text(column, _HEIGHT - 12, _head(heads[k]), "label middle")
    lines = []
    for row, kind in strands(rows, winner):
        points = [
            (canvas.x(k), base - (base - top) * place(row))
            for k, (_, place) in enumerate(places)
        ]
        canvas.path(points, kind)
        lines.append(row)
    for k, (ticks, _) in enumerate(places):
        # Scores stand outside, where no line crosses them.
        last = k == len(names)
        for share, text in ticks:
            height = base - (base - top) * share
            column = canvas.x(k) + (7 if last else -7)
            canvas.text(
                column, height + 4, text, "tick" if last else "tick end"
            )
    table = [
        [
            row["trial"],
            *(str(row["options"].get(n, _NOT_USED)) for n in names),
            f"{100 * row['score']:.1f}",
        ]
        for row in reversed(lines)
    ]
    alt = (
        f"{len(rows)} trials as lines through {', '.join(heads)}; the best "
        f"reaches {100 * max(r['score'] for r in rows):.1f} %."
    )
    return Figure(
        "Options and scores",
        canvas.svg(alt),
        alt,
        ["Trial", *heads],
        table,
        "Thick: the winner; coloured: the best quarter.",
    )


def _places(rows, name, values):
    """Ticks of an axis, and the share of its height of a row."""
    foot = -_FOOT / (_HEIGHT - 46 - 24 - 8 - _FOOT)
    unused = any(name not in row["options"] for row in rows)
    ticks = [(foot, _NOT_USED)] if unused else []
    if isinstance(values, Interval):
        axis = (log_axis if values.log else linear_axis)(
            values.low, values.high
        )
        kept = axis.ticks[:: math.ceil(len(axis.ticks) / 8)]
        ticks += [(axis.fraction(value), text) for value, text in kept]

        def share(value):
            return axis.fraction(value)
    else:
        last = max(len(values) - 1, 1)
        ticks += [(i / last, _text(value)) for i, value in enumerate(values)]

        def share(value):
            return values.index(value) / last

    def place(row):
        used = name in row["options"]
        return share(row["options"][name]) if used else foot

    return ticks, place


def _scores(rows):
    scores = [100 * row["score"] for row in rows]
    axis = linear_axis(min(scores), max(scores))
    ticks = [(axis.fraction(value), text) for value, text in axis.ticks]
    return ticks, lambda row: axis.fraction(100 * row["score"])


def _text(value):
    text = str(value)
    return text if len(text) <= 14 else f"{text[:13]}…"


def _head(name):
    return {"loss.name": "loss"}.get(name, name.rpartition(".")[2])
