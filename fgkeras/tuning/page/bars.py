"""Rows of bars or of dots with whiskers: importance, and scores."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis

_ROW, _MOST = 28, 20


def importance_bars(shares):
    """Draws how much of the variance each option explains.

    Args:
        shares: Dict of option to a float in `[0, 1]`, the largest first.

    Returns:
        `Figure`, or `None` without options.
    """
    if not shares:
        return None
    axis = Axis(0, 1, [(k / 5, f"{20 * k} %") for k in range(6)])
    canvas = _canvas(list(shares), axis, "Share of the variance", 640)
    rows = []
    for name, share, middle in _rows(canvas, shares.items()):
        left = canvas.x(0)
        canvas.rect(left, middle - 8, canvas.x(share) - left, 16.0, "bar a")
        text = f"{100 * share:.0f} %"
        at = canvas.x(share)
        if share < 0.85:
            canvas.text(at + 5, middle + 4, text, "tick")
        rows.append([name, text])
    said = "; ".join(": ".join(row) for row in rows)
    alt = f"Share of the variance of the scores by option. {said}."
    return Figure(
        "Importance",
        canvas.svg(alt),
        alt,
        ["Option", "Share"],
        rows,
        "How much of the variance of the trials’ scores the values of one "
        "option explain by themselves.",
    )


def score_rows(rows, winner, objective):
    """Draws the best trials with their intervals.

    Args:
        rows: List of dicts with `trial`, `words`, `score`, `low` and `high`,
            the best first.
        winner: Int, the number of the winner, or `None`.
        objective: String, what the scores are.

    Returns:
        `Figure`, or `None` without trials.
    """
    rows = rows[:_MOST]
    if not rows:
        return None
    ends = [
        100 * value
        for row in rows
        for value in (row["score"], row["low"], row["high"])
        if value is not None
    ]
    axis = linear_axis(max(min(ends), 0.0), min(max(ends), 100.0))
    names = [f"{row['trial']}: {_words(row)}" for row in rows]
    canvas = _canvas(names, axis, f"{objective} on validation, %", 640)
    table = []
    for name, row, middle in _rows(canvas, zip(names, rows, strict=True)):
        kind = "b" if row["trial"] == winner else "a"
        interval = ""
        if row["low"] is not None:
            inside = [
                min(max(100 * row[end], axis.low), axis.high)
                for end in ("low", "high")
            ]
            low, high = map(canvas.x, inside)
            canvas.line(low, middle, high, middle, f"whisker {kind}")
            interval = f"{100 * row['low']:.1f} to {100 * row['high']:.1f}"
        canvas.circle(
            canvas.x(100 * row["score"]), middle, 5.0, f"dot {kind}", name
        )
        table.append([name, f"{100 * row['score']:.1f}", interval])
    said = "; ".join(f"{row[0]}: {row[1]}" for row in table)
    alt = f"{objective} of the best trials. {said}."
    return Figure(
        "The best trials",
        canvas.svg(alt),
        alt,
        ["Trial", "Score, %", "95 % interval"],
        table,
        "Whiskers: 95 %, over the repeats of a trial, or of one repeat over "
        "validation images.",
    )


def _canvas(names, axis, label, width):
    left = min(width // 2, 24 + 8 * max(len(name) for name in names))
    return Canvas(width, 70 + _ROW * len(names), axis, None, label, left=left)


def _rows(canvas, pairs):
    """Yields name, value and the height of each row, with its name drawn."""
    for index, (name, value) in enumerate(pairs):
        middle = canvas.top + _ROW * (index + 0.5)
        longest = (canvas.left - 16) // 7
        text = name if len(name) <= longest else f"{name[: longest - 1]}…"
        canvas.text(canvas.left - 9, middle + 4, text, "tick end")
        yield name, value, middle


def _words(row):
    return " ".join(
        f"{name.rpartition('.')[2] if name != 'loss.name' else 'loss'}={value}"
        for name, value in row["options"].items()
    )
