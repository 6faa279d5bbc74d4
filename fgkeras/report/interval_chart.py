"""Accuracy overall and by class frequency, each with its interval."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent
from fgkeras.report.rows import classes_tested

_ROW = 38


def interval_chart(metrics):
    """Draws the accuracies of a classification report as dots with whiskers.

    Args:
        metrics: dict, what `fgkeras.evaluation.classification_report` returns.

    Returns:
        `Figure`.
    """
    entries = [
        ("All images", metrics["top1"], "", DASH, metrics["num_images"]),
        (
            "Mean over classes",
            metrics["mean_per_class"],
            "",
            classes_tested(metrics),
            metrics["num_images"],
        ),
    ]
    for name, group in (metrics["groups"] or {}).items():
        entries.append(
            (
                name.capitalize(),
                group["class_mean"],
                group["range"],
                classes_tested(group),
                group["num_images"],
            )
        )
    axis = Axis(0, 1, [(k / 5, f"{20 * k} %") for k in range(6)])
    canvas = Canvas(
        620, 72 + _ROW * len(entries), axis, None, "Accuracy", left=156
    )
    rows = []
    for index, (name, entry, text, classes, images) in enumerate(entries):
        middle = canvas.top + _ROW * (index + 0.5)
        canvas.text(canvas.left - 10, middle + 4.0, name, "name end")
        rows.append(
            [
                f"{name}: {text}" if text else name,
                classes,
                number(images),
                percent(entry and entry["value"]),
                interval(entry),
            ]
        )
        if entry is None:
            canvas.text(canvas.left + 8, middle + 4.0, "no test images", "tick")
            continue
        kind = "b" if index < 2 else "a"
        if entry["low"] is not None:
            low, high = canvas.x(entry["low"]), canvas.x(entry["high"])
            canvas.line(low, middle, high, middle, f"whisker {kind}")
            for end in (low, high):
                canvas.line(end, middle - 5, end, middle + 5, f"whisker {kind}")
        position = canvas.x(entry["value"])
        canvas.circle(position, middle, 5.5, f"dot {kind}")
        canvas.text(position, middle - 10, percent(entry["value"]), "value")
    said = "; ".join(f"{row[0]} {row[3]}" for row in rows)
    alt = f"Accuracy with 95 % intervals. {said}."
    return Figure(
        "Accuracy by class frequency",
        canvas.svg(alt),
        alt,
        ["Of", "Classes", "Test images", "Accuracy", "95 % interval"],
        rows,
        "Groups are means over their classes, each class weighing the same.",
    )
