"""The section of the report on people: how much, how fast, how well."""

from fgkeras.report.canvas import percent_axis
from fgkeras.report.comparison.dot_chart import dot_chart
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent


def people_section(found):
    """Returns the `Section` of labellers, or `None` where nobody answered.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> people_section({"labellers": []}) is None
    True
    """
    people = [row for row in found["labellers"] if row["decisions"]]
    if not people:
        return None
    gold = [row for row in people if row["gold"]["whole"]]
    figures = []
    if gold:
        figures.append(
            dot_chart(
                "Known pictures answered right",
                [
                    (row["name"], [
                        ("all", row["gold"]),
                        ("of the class", _some(row["gold_right_found"])),
                        ("not of it", _some(row["gold_wrong_found"])),
                    ])
                    for row in gold[:8]
                ],
                percent_axis(),
                label="Right",
                columns=["Labeller", "Right", "95 % interval", "Answered"],
                say=_say,
                note="Of the class: who is low there overlooks right ones, "
                "which then are false hard negatives.",
            )
        )  # fmt: skip
    return Section(
        "people",
        "People",
        figures=figures,
        tables=[
            _work(people),
            _pace(people),
            _answers(people),
            *_agreement(found),
        ],
    )


def _work(people):
    return Table(
        "Work",
        [
            "Labeller", "Decisions", "Taken back", "Imported", "Hours",
            "Sessions",
        ],
        [
            [
                row["name"], number(row["decisions"]), number(row["undone"]),
                number(row["imported"]), f"{row['hours']:.2f}",
                number(row["sessions"]),
            ]
            for row in people
        ],
    )  # fmt: skip


def _pace(people):
    return Table(
        "Pace",
        [
            "Labeller", "Decisions a minute", "Seconds a card",
            "Seconds a picture of a page",
        ],
        [
            [
                row["name"], _rounded(row["per_minute"]),
                _rounded(row["card_seconds"], 2),
                _rounded(row["page_seconds"], 2),
            ]
            for row in people
        ],
        "Seconds are medians of how long a picture was looked at.",
    )  # fmt: skip


def _answers(people):
    return Table(
        "Answers",
        ["Labeller", "Right", "Wrong", "Other", "Right among both"],
        [
            [
                row["name"], number(row["right"]), number(row["wrong"]),
                number(row["other"]),
                percent(
                    row["right"] / (row["right"] + row["wrong"])
                    if row["right"] + row["wrong"]
                    else None
                ),
            ]
            for row in people
        ],
        "What stands, without hidden gold. People who see the same kind of "
        "candidates should not differ much in the last column.",
    )  # fmt: skip


def _agreement(found):
    agreement = found["agreement"]
    if not agreement["shared"]:
        return []
    kappa, alike = agreement["kappa"], agreement["alike"]
    rows = [
        ["Seen by two or more", number(agreement["shared"])],
        [
            "Answered alike by all",
            f"{percent(alike['value'])} ({interval(alike)})",
        ],
        [
            "Cohen’s kappa, mean",
            DASH if kappa is None else f"{kappa['value']:.2f}{_ends(kappa)}",
        ],
        ["Disagreements ended", number(agreement["ended"])],
        ["Disagreements open", number(agreement["open_conflicts"])],
    ]
    pairs = [
        [
            f"{row['first']} / {row['second']}", number(row["shared"]),
            DASH if row["kappa"] is None else f"{row['kappa']:.2f}",
        ]
        for row in agreement["pairs"]
    ]  # fmt: skip
    return [
        Table("Agreement", ["What", "Value"], rows),
        Table("Pairs of people", ["Pair", "Shared", "Kappa"], pairs),
    ]


def _ends(entry):
    if entry["low"] is None:
        return ""
    return f" ({entry['low']:.2f} to {entry['high']:.2f})"


def _some(entry):
    return entry if entry["whole"] else None


def _say(entry):
    if entry is None:
        return [DASH, DASH, "0"]
    return [percent(entry["value"]), interval(entry), number(entry["whole"])]


def _rounded(value, digits=1):
    return DASH if value is None else f"{value:.{digits}f}"
