"""Sections of the report that follow the rounds: growth, yield and runs."""

from fgkeras.bootstrap.report.round_chart import round_chart
from fgkeras.report.canvas import linear_axis
from fgkeras.report.canvas import percent_axis
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent

_NEITHER = ("unsure", "skip", "bad", "dup")


def growth_section(found):
    """Returns the `Section` of how S and H have grown, and what rounds brought.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> seed = {"round": 0, "accepted": 4, "rejected": 0, "new_accepted": 4,
    ...     "new_rejected": 0}
    >>> growth_section({"growth": [seed], "rounds": []}).figures[0].alt
    'Size of S and H. S, accepted: seed 4. H, rejected: seed 0.'
    """
    figures, tables = [_sizes(found)], []
    if found["rounds"]:
        figures.append(_precision(found["rounds"]))
        tables = _counted(found["rounds"])
    return Section("growth", "Growth and yield", figures=figures, tables=tables)


def _sizes(found):
    rows = found["growth"]
    ticks = [_after(row["round"]) for row in rows]
    sizes = {
        key: [{"value": row[key]} for row in rows]
        for key in ("accepted", "rejected")
    }
    values = [entry["value"] for of in sizes.values() for entry in of]
    return round_chart(
        "Size of S and H",
        ticks,
        [
            ("S, accepted", sizes["accepted"]),
            ("H, rejected", sizes["rejected"]),
        ],
        linear_axis(0, max(*values, 1)),
        columns=["After round", "S", "new", "H", "new "],
        rows=[
            [
                tick, number(row["accepted"]), number(row["new_accepted"]),
                number(row["rejected"]), number(row["new_rejected"]),
            ]
            for tick, row in zip(ticks, rows, strict=True)
        ],
        say=number,
    )  # fmt: skip


def _precision(rounds):
    return round_chart(
        "Precision of what was offered",
        [str(row["round"]) for row in rounds],
        [("right of right and wrong", [row["precision"] for row in rounds])],
        percent_axis(),
        columns=["Round", "Right", "Wrong", "Precision", "95 % interval"],
        rows=[
            [
                str(row["round"]), number(row["right"]), number(row["wrong"]),
                percent(row["precision"]["value"]),
                interval(row["precision"]) or DASH,
            ]
            for row in rounds
        ],
        say=percent,
        label="Round",
    )  # fmt: skip


def _counted(rounds):
    columns = [
        "Round", "Offered", "Right", "Wrong", "Unsure", "Skip", "Bad",
        "Copy", "Open",
    ]  # fmt: skip
    return [
        Table(
            "Offered",
            columns,
            [_counts(str(row["round"]), row) for row in rounds],
            "Above the threshold, without hidden gold: right + wrong + the "
            "four that are neither + open = offered; open is what waits for "
            "votes, or is disputed.",
        ),
        Table(
            "Audit slice",
            ["Round", "Drawn", *columns[2:]],
            [
                _counts(str(row["round"]), row["audit"])
                for row in rounds
                if row["audit"]["offered"]
            ],
            "Drawn by lot from what was not offered.",
        ),
    ]


def run_section(found):
    """Returns the `Section` of the models' accuracies, or `None`.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> run_section({"runs": []}) is None
    True
    """
    runs = found["runs"]
    if not runs:
        return None
    ticks = [_after(run["rounds"]) for run in runs]
    lines = [("all images", [run["top1"] for run in runs])]
    if any(run["mean_per_class"] for run in runs):
        lines.append(
            ("mean over classes", [run["mean_per_class"] for run in runs])
        )
    figure = round_chart(
        "Accuracy on the test images",
        ticks,
        lines,
        percent_axis(),
        columns=[
            "After round", "Accuracy", "95 % interval", "Mean per class",
            "95 % interval ", "MAP@R",
        ],
        rows=[
            [
                tick, *_shown(run["top1"]), *_shown(run["mean_per_class"]),
                percent(run["map_at_r"] and run["map_at_r"]["value"]),
            ]
            for tick, run in zip(ticks, runs, strict=True)
        ],
        say=percent,
    )  # fmt: skip
    table = Table(
        "Trainings",
        ["After round", "S", "H", "Method", "Test images", "Accuracy"],
        [
            [
                tick, number(run["accepted"]), number(run["rejected"]),
                run["method"] or DASH, number(run["images"]),
                percent(run["top1"] and run["top1"]["value"]),
            ]
            for tick, run in zip(ticks, runs, strict=True)
        ],
        "The test images are the same for all; none of them is ever shown to "
        "people or trained on.",
    )  # fmt: skip
    return Section("runs", "Models", figures=[figure], tables=[table])


def _after(number_):
    return str(number_) if number_ else "seed"


def _counts(name, row):
    keys = ("offered", "right", "wrong", *_NEITHER, "undecided")
    return [name, *(number(row[key]) for key in keys)]


def _shown(entry):
    return [percent(entry and entry["value"]), interval(entry) or DASH]
