"""What images of a class are worth, and what tails a set can be cut to."""

import numpy as np

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure
from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import log_axis
from fgkeras.report.number import number


def effective_chart(curves, counts):
    """Draws the effective number of samples against the number of images.

    Where a curve leaves the diagonal, further images of a class are worth
    less: the class-balanced loss of that beta tells classes apart below, and
    weighs all alike above.

    Args:
        curves: dict of beta to a pair of arrays, images of a class (rising)
            and their effective number.
        counts: int array, images per class; the smallest and the largest class
            that has images are marked.

    Returns:
        `Figure`.
    """
    counts = np.asarray(counts)
    sizes = [int(counts[counts > 0].min()), int(counts.max())]
    most = max(float(np.max(n)) for n, _ in curves.values())
    canvas = Canvas(
        620,
        300,
        log_axis(1, most),
        log_axis(1, most),
        "Images of a class",
        "Effective number",
    )
    # To either side, since they may be one size.
    words = ("smallest", "tick end", -4), ("largest", "tick", 4)
    for size, (word, kind, off) in zip(sizes, words, strict=True):
        column = canvas.x(size)
        base = canvas.height - canvas.bottom
        canvas.line(column, canvas.top, column, base, "border")
        canvas.text(column + off, canvas.top + 12, word, kind)
    rows, named = [], []
    for beta, (images, worth) in curves.items():
        images, worth = np.asarray(images), np.asarray(worth)
        points = [
            (canvas.x(n), canvas.y(max(e, 1.0)))
            for n, e in zip(images, worth, strict=True)
        ]
        canvas.path(points, "curve a")
        column, row = points[-1]
        # Of curves that end at one place the first is named.
        if all(abs(row - other) > 17 for other in named):
            canvas.text(column - 4, row - 5, f"{beta:g}", "tick end")
            named.append(row)
        at = np.interp(sizes, images, worth)
        rows.append([f"{beta:g}", *(number(round(float(v), 1)) for v in at)])
    said = "; ".join(f"beta {r[0]}: {r[1]} and {r[2]}" for r in rows)
    alt = (
        "Effective number against images of a class, for the smallest class "
        f"of {sizes[0]} and the largest of {sizes[1]} images. {said}."
    )
    return Figure(
        "What images are worth",
        canvas.svg(alt),
        alt,
        ["Beta", f"{sizes[0]} images", f"{sizes[1]} images"],
        rows,
        "(1 − βⁿ) / (1 − β), both axes logarithmic; dashed: the smallest and "
        "the largest class of this set.",
    )


def tail_chart(tails, counts):
    """Draws the class sizes of exponential long tails of a set, and its own.

    Args:
        tails: dict of imbalance (largest over smallest class) to int array,
            images per class.
        counts: int array, images per class of the set.

    Returns:
        `Figure`.
    """
    counts = np.sort(np.asarray(counts)[np.asarray(counts) > 0])[::-1]
    most = max(int(c.max()) for c in (*tails.values(), counts))
    count = len(counts)
    x_axis = linear_axis(0, count)
    x_axis = Axis(0, count, [t for t in x_axis.ticks if 0 <= t[0] <= count])
    canvas = Canvas(
        620, 300, x_axis, log_axis(1, most), "Classes, largest first", "Images"
    )
    rows = []
    for name, sizes, kind in (
        *((f"{f:g}", tail, "a") for f, tail in tails.items()),
        ("as it is", counts, "b"),
    ):
        points = [
            (canvas.x(rank + 0.5), canvas.y(max(int(size), 1)))
            for rank, size in enumerate(sizes)
        ]
        canvas.path(points, f"curve {kind}")
        if kind == "a":
            last = points[-1]
            canvas.text(last[0] - 4, last[1] - 5, name, "tick end")
        rows.append([name, number(int(np.sum(sizes))), number(int(sizes[-1]))])
    said = "; ".join(f"{r[0]}: {r[1]} images, smallest {r[2]}" for r in rows)
    alt = f"Images per class of exponential long tails. {said}."
    return Figure(
        "Long tails of this set",
        canvas.svg(alt),
        alt,
        ["Imbalance", "Images", "Smallest class"],
        rows,
        "--long-tail exponential:N cuts the training images so; dashed: as "
        "the set is.",
    )
