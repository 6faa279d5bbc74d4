"""Numbers with their intervals, in blocks that are read side by side."""

from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure

_ROW = 24
_HEAD = 26


def dot_chart(title, blocks, axis, *, label, columns, say, note="", zero=None):
    """Draws one dot with a whisker for each name, a block for each measure.

    Args:
        title: str.
        blocks: list of pairs of a heading and a list of pairs of a name and
            `{"value", "low", "high"}`, or None where there is no number.
        axis: `Axis` of the values.
        label: str, below the axis.
        columns: list of str, heads of the data table.
        say: function of a number with its interval that returns it as text,
            a str for each column behind the first; None says that there is
            none.
        note: str, shown below; may be empty.
        zero: float, where a line marks no difference, or None.

    Returns:
        `Figure`.
    """
    longest = max(len(name) for _, rows in blocks for name, _ in rows)
    left = min(250, 30 + 8 * longest)
    height = 72 + sum(_HEAD + _ROW * len(rows) for _, rows in blocks)
    canvas = Canvas(max(620, 390 + left), height, axis, None, label, left=left)
    table, row = [], canvas.top
    if zero is not None:
        place = canvas.x(zero)
        canvas.line(place, canvas.top, place, height - canvas.bottom, "border")
    for heading, entries in blocks:
        canvas.text(4, row + 17.0, heading, "name")
        row += _HEAD
        for number, (name, entry) in enumerate(entries):
            middle = row + _ROW / 2
            canvas.text(left - 10, middle + 4.0, _short(name, left), "tick end")
            kind = "ab"[number % 2]
            table.append([f"{heading}: {name}", *say(entry)])
            row += _ROW
            if entry is None:
                canvas.text(left + 8, middle + 4.0, "no test images", "tick")
                continue
            if entry["low"] is not None:
                low, high = canvas.x(entry["low"]), canvas.x(entry["high"])
                canvas.line(low, middle, high, middle, f"whisker {kind}")
                for end in (low, high):
                    canvas.line(
                        end, middle - 4, end, middle + 4, f"whisker {kind}"
                    )
            canvas.circle(canvas.x(entry["value"]), middle, 5.0, f"dot {kind}")
    said = "; ".join(f"{row[0]} {row[1]}" for row in table)
    some = any(
        entry and entry["low"] is not None
        for _, entries in blocks
        for _, entry in entries
    )
    alt = f"{title}{', with 95 % intervals' * some}. {said}."
    return Figure(title, canvas.svg(alt), alt, columns, table, note)


def _short(name, room):
    """A name that has room: its end, which tells runs apart."""
    most = (room - 18) // 8
    return name if len(name) <= most else f"…{name[1 - most :]}"
