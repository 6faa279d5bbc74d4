"""Granularity under each pre-training, with its interval."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure

_ROW = 34


def granularity_chart(measured):
    """Draws granularities as dots with whiskers, the lowest first.

    Args:
        measured: list of dicts with `name`, `size` (pixels), `value`, `low`,
            `high`, each in 0..1.

    Returns:
        `Figure`.
    """
    entries = sorted(measured, key=lambda row: row["value"])
    axis = Axis(0, 1, [(k / 5, f"{k / 5:.1f}") for k in range(6)])
    longest = max(len(_label(row)) for row in entries)
    canvas = Canvas(
        640, 72 + _ROW * len(entries), axis, None, "RankM, lower is easier",
        left=min(350, 30 + 9 * longest),
    )  # fmt: skip
    rows = []
    for index, row in enumerate(entries):
        middle = canvas.top + _ROW * (index + 0.5)
        kind = "b" if index == 0 else "a"
        canvas.text(canvas.left - 10, middle + 4.0, _label(row), "name end")
        low, high = canvas.x(row["low"]), canvas.x(row["high"])
        canvas.line(low, middle, high, middle, f"whisker {kind}")
        for end in (low, high):
            canvas.line(end, middle - 5, end, middle + 5, f"whisker {kind}")
        position = canvas.x(row["value"])
        canvas.circle(position, middle, 5.5, f"dot {kind}")
        canvas.text(position, middle - 9, f"{row['value']:.3f}", "value")
        rows.append(
            [
                row["name"],
                f"{row['size']} px",
                f"{row['value']:.4f}",
                f"{row['low']:.4f} to {row['high']:.4f}",
            ]
        )
    said = "; ".join(f"{r[0]} at {r[1]}: {r[2]}" for r in rows)
    alt = f"Granularity RankM by pre-training. {said}."
    return Figure(
        "Granularity by pre-training",
        canvas.svg(alt),
        alt,
        ["Pre-training", "Size", "RankM", "95 % interval"],
        rows,
        "0: every image is nearest to the typical image of its class; 1: "
        "nearest to those of all other classes. Whiskers: 95 % bootstrap.",
    )


def _label(row):
    return f"{row['name']}, {row['size']} px"
