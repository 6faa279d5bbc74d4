"""Reliability diagram: accuracy against the probability that was claimed."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import percent_axis
from fgkeras.report.number import number
from fgkeras.report.number import percent


def reliability_diagram(calibration):
    """Draws accuracy per bin of confidence, against the diagonal.

    Args:
        calibration: dict of a classification report, with `bins` and `ece`.

    Returns:
        `Figure`.
    """
    bins = calibration["bins"]
    total = sum(row["n"] for row in bins)
    axis = Axis(0, 1, [(k / 5, f"{20 * k} %") for k in range(6)])
    canvas = Canvas(
        460, 420, axis, percent_axis(), "Claimed probability",
        "Share that is right",
    )  # fmt: skip
    base = canvas.y(0)
    most = max((row["n"] for row in bins), default=0)
    for row in bins:
        if not row["n"]:
            continue
        left, right = canvas.x(row["lower"]), canvas.x(row["upper"])
        top = canvas.y(row["accuracy"])
        canvas.rect(
            left + 1, top, right - left - 2, base - top, "bar a",
            f"{row['n']} images: claimed {percent(row['confidence'])}, "
            f"right {percent(row['accuracy'])}",
            opacity=0.3 + 0.7 * (row["n"] / most) ** 0.5,
        )  # fmt: skip
        middle = (left + right) / 2
        claimed = canvas.y(row["confidence"])
        canvas.line(middle, top, middle, claimed, "gap")
        canvas.line(left + 3, claimed, right - 3, claimed, "gap")
    canvas.line(canvas.x(0), canvas.y(0), canvas.x(1), canvas.y(1), "border")
    used = [row for row in bins if row["n"]]
    over = sum(r["n"] * (r["confidence"] - r["accuracy"]) for r in used)
    lean = over / total if total else 0.0
    said = (
        "too sure" if lean > 0.01 else "too modest" if lean < -0.01 else "fair"
    )
    alt = (
        f"Reliability diagram of {total} images in {len(bins)} bins: expected "
        f"calibration error {percent(calibration['ece'])}, on average the "
        f"model is {said} ({100 * lean:+.1f} points)."
    )
    return Figure(
        "Reliability",
        canvas.svg(alt),
        alt,
        ["Probability", "Images", "Claimed", "Right"],
        [
            [
                f"{percent(row['lower'])} to {percent(row['upper'])}",
                number(row["n"]),
                percent(row["confidence"]),
                percent(row["accuracy"]),
            ]
            for row in bins
        ],
        "Bars: share of right answers, darker where more images are. The mark "
        "is what the model claimed; an honest model has the two together on "
        f"the dashed line. On average it is {said}.",
    )
