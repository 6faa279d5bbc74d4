"""How the trials of a sweep learned, epoch by epoch."""

from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis
from fgkeras.tuning.page.strands import strands


def learning_curves(rows, winner, objective):
    """Draws the score of each trial over its epochs.

    Args:
        rows: List of dicts with `trial`, `score`, `words` and `curve`, pairs
            of an epoch and a share; the trials that ended.
        winner: Int, the number of the winner, or `None`.
        objective: String, what is measured.

    Returns:
        `Figure`, or `None` where no trial has two epochs.
    """
    rows = [row for row in rows if len(row["curve"]) > 1]
    if not rows:
        return None
    points = [point for row in rows for point in row["curve"]]
    values = [100 * value for _, value in points]
    canvas = Canvas(
        940,
        340,
        linear_axis(0, max(epoch for epoch, _ in points)),
        linear_axis(min(values), max(values)),
        "Epoch",
        f"{objective}, %",
    )
    for row, kind in strands(rows, winner):
        canvas.path(
            [(canvas.x(e), canvas.y(100 * v)) for e, v in row["curve"]], kind
        )
    table = [
        [
            row["trial"],
            row["words"],
            *(f"{100 * row['curve'][i][1]:.1f}" for i in (0, -1)),
            f"{100 * max(v for _, v in row['curve']):.1f}",
        ]
        for row in sorted(rows, key=lambda row: -row["score"])
    ]
    alt = (
        f"Learning curves of {len(rows)} trials over "
        f"{max(e for e, _ in points)} epochs, {objective} on validation."
    )
    return Figure(
        "Learning curves",
        canvas.svg(alt),
        alt,
        ["Trial", "Options", "First", "Last", "Best"],
        table,
        "On validation images; of repeats the mean. Thick: the winner; "
        "coloured: the best quarter.",
    )
