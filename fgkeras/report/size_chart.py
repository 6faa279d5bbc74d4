"""How many images the classes of a set have, from largest to smallest."""

import numpy as np

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import log_axis
from fgkeras.report.number import number


def size_chart(splits):
    """Draws the class sizes of up to two splits as falling steps.

    Args:
        splits: dict of split name to int array, images per class, the
            training split first.

    Returns:
        `Figure`.
    """
    shown = {
        name: np.sort(np.asarray(counts)[np.asarray(counts) > 0])[::-1]
        for name, counts in list(splits.items())[:2]
    }
    shown = {name: sizes for name, sizes in shown.items() if len(sizes)}
    longest = max(map(len, shown.values()))
    most = max(int(sizes[0]) for sizes in shown.values())
    least = min(int(sizes[-1]) for sizes in shown.values())
    if most > 10 * least:
        y_axis = log_axis(max(least, 1), most)
    else:
        y_axis = linear_axis(0, most)
    x_axis = linear_axis(0, longest)
    x_axis = Axis(0, longest, [t for t in x_axis.ticks if 0 <= t[0] <= longest])
    canvas = Canvas(
        620, 300, x_axis, y_axis, "Classes, largest first", "Images"
    )
    rows = []
    for kind, (name, sizes) in zip("ab", shown.items(), strict=False):
        points = []
        for rank, size in enumerate(sizes):
            points += [
                (canvas.x(rank), canvas.y(size)),
                (canvas.x(rank + 1), canvas.y(size)),
            ]
        canvas.path(points, f"curve {kind}")
        column = canvas.right + 62 + 120 * "ab".index(kind)
        canvas.line(
            canvas.left + column - 48, 12, canvas.left + column - 24, 12,
            f"whisker {kind}",
        )  # fmt: skip
        canvas.text(canvas.left + column - 18, 16, name, "tick")
        rows.append(
            [
                name,
                number(len(sizes)),
                number(int(sizes.sum())),
                number(int(sizes[0])),
                number(float(np.median(sizes))),
                number(int(sizes[-1])),
            ]
        )
    said = "; ".join(f"{r[0]}: {r[5]} to {r[3]} images" for r in rows)
    alt = f"Images per class, largest class first. {said}."
    return Figure(
        "Images per class",
        canvas.svg(alt),
        alt,
        ["Split", "Classes", "Images", "Largest", "Median", "Smallest"],
        rows,
        "Both axes start where the data do; the vertical one is logarithmic."
        if y_axis.log
        else "",
    )
