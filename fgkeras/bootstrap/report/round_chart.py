"""Numbers that change from round to round, as lines through dots."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure

_WIDTH, _HEIGHT = 560, 320


def round_chart(
    title,
    ticks,
    lines,
    axis,
    *,
    columns,
    rows,
    say,
    label="After round",
    note="",
):
    """Draws up to two lines over rounds, with whiskers where there are any.

    Args:
        title: String.
        ticks: List of strings, what stands below each place.
        lines: List of up to two pairs of a name and a list of dicts `value`,
            `low`, `high` (the last two may be `None` or absent), or `None`
            where there is none.
        axis: `Axis` of the values.
        columns: List of strings, heads of the data table.
        rows: List of lists of strings, the data table.
        say: Callable of a value that returns it as text.
        label: String, below the ticks. Defaults to `"After round"`.
        note: String, shown below; may be empty. Defaults to `""`.

    Returns:
        `Figure`.

    Example:

    >>> from fgkeras.report.canvas import linear_axis
    >>> drawn = round_chart(
    ...     "Growth", ["seed", "1"], [("S", [{"value": 4}, {"value": 9}])],
    ...     linear_axis(0, 9), columns=["Round", "S"],
    ...     rows=[["seed", "4"], ["1", "9"]], say=str)
    >>> drawn.alt
    'Growth. S: seed 4; 1 9.'
    """
    last = max(len(ticks) - 1, 1)
    x = Axis(-0.3, last + 0.3, list(enumerate(ticks)))
    canvas = Canvas(_WIDTH, _HEIGHT, x, axis, label, left=66)
    said = []
    # Whiskers of one place stand beside each other.
    apart = 0.03 if len(lines) > 1 and _has_ends(lines) else 0.0
    for index, (name, entries) in enumerate(lines):
        kind = "ab"[index]
        points = [
            (place + (apart if index else -apart), entry)
            for place, entry in enumerate(entries)
            if entry and entry["value"] is not None
        ]
        canvas.path(
            [(canvas.x(p), canvas.y(e["value"])) for p, e in points],
            f"curve {kind}",
        )
        for place, entry in points:
            column = canvas.x(place)
            if entry.get("low") is not None:
                low, high = canvas.y(entry["low"]), canvas.y(entry["high"])
                canvas.line(column, low, column, high, f"whisker {kind}")
                for end in (low, high):
                    canvas.line(
                        column - 5, end, column + 5, end, f"whisker {kind}"
                    )
            canvas.circle(
                column, canvas.y(entry["value"]), 5.0, f"dot {kind}",
                f"{name}, {say(entry['value'])}",
            )  # fmt: skip
        left = canvas.left + 12 + index * (_WIDTH - canvas.left) / 2
        canvas.line(left, 10, left + 24, 10, f"curve {kind}")
        canvas.text(left + 30, 14, name, "tick")
        words = [
            f"{tick} {say(entry['value'])}"
            for tick, entry in zip(ticks, entries, strict=True)
            if entry and entry["value"] is not None
        ]
        said.append(f"{name}: {'; '.join(words) or 'nothing'}")
    alt = f"{title}. {'. '.join(said)}."
    return Figure(title, canvas.svg(alt), alt, columns, rows, note)


def _has_ends(lines):
    return any(
        entry and entry.get("low") is not None
        for _, entries in lines
        for entry in entries
    )
