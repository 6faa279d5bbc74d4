"""The model's score against the share of candidates that are right."""

from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import percent_axis
from fgkeras.report.number import number
from fgkeras.report.number import percent


def calibration_chart(cut):
    """Draws the share of right ones per bin of the score, and the threshold.

    Args:
        cut: Dict, one of `cut_calibrations`.

    Returns:
        `Figure`.

    Example:

    >>> bins = [{"lower": 0.0, "upper": 1.0, "n": 4, "score": 0.7,
    ...     "share": 0.5}]
    >>> calibration_chart({"bins": bins, "threshold": 0.5}).rows
    [['0.0 % to 100.0 %', '4', '70.0 %', '50.0 %']]
    """
    bins = cut["bins"]
    canvas = Canvas(
        560, 400, percent_axis(), percent_axis(), "Score of the model",
        "Share that people call right", left=66,
    )  # fmt: skip
    base, most = canvas.y(0), max((row["n"] for row in bins), default=0)
    used = [row for row in bins if row["n"]]
    for row in used:
        left, right = canvas.x(row["lower"]), canvas.x(row["upper"])
        top, claimed = canvas.y(row["share"]), canvas.y(row["score"])
        canvas.rect(
            left + 1, top, right - left - 2, base - top, "bar a",
            f"{number(row['n'])} decided: score {percent(row['score'])}, right "
            f"{percent(row['share'])}",
            opacity=0.3 + 0.7 * (row["n"] / most) ** 0.5,
        )  # fmt: skip
        middle = (left + right) / 2
        canvas.line(middle, top, middle, claimed, "gap")
        canvas.line(left + 3, claimed, right - 3, claimed, "gap")
    canvas.line(canvas.x(0), canvas.y(0), canvas.x(1), canvas.y(1), "border")
    column = canvas.x(cut["threshold"])
    canvas.line(column, canvas.top, column, base, "median")
    canvas.text(column + 6, canvas.top + 14, "threshold", "tick")
    rows = [
        [
            f"{percent(row['lower'])} to {percent(row['upper'])}",
            number(row["n"]), percent(row["score"]), percent(row["share"]),
        ]
        for row in bins
    ]  # fmt: skip
    said = "; ".join(
        f"score {r[0]} {r[3]} of {r[1]}" for r in rows if r[1] != "0"
    )
    alt = f"Share of right candidates by score. {said or 'None decided'}."
    return Figure(
        "Score and truth",
        canvas.svg(alt),
        alt,
        ["Score", "Decided", "Mean score", "Right"],
        rows,
        "Bars: share of right ones, darker where more were decided; the mark "
        "is the mean score, which an honest model has on the dashed line. Each "
        "counts for as many pictures of the pool as it was drawn from.",
    )
