"""The section of the report on classes: what each brought."""

from fgkeras.report.canvas import percent_axis
from fgkeras.report.comparison.dot_chart import dot_chart
from fgkeras.report.measures.page import Section
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent

_DRAWN, _LISTED = 12, 2000
_JOINT = "\N{NO-BREAK SPACE}"


def class_section(found):
    """Returns the `Section` of classes.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> class_section({"classes": []}).title
    'Classes'
    """
    rows = [row for row in found["classes"] if row["right"] + row["wrong"]]
    lines = [
        "Of what was offered in all rounds. By round: right of right and wrong."
    ]
    if not rows:
        return Section("classes", "Classes", lines=lines)
    most = sorted(rows, key=lambda row: (-row["wrong"], row["class"]))
    figures = [
        dot_chart(
            "Precision of the classes with most wrong ones",
            [
                (
                    "Right of what was decided",
                    [(row["name"], row["precision"]) for row in most[:_DRAWN]],
                )
            ],
            percent_axis(),
            label="Precision",
            columns=["Class", "Precision", "95 % interval", "Decided"],
            say=_say,
        )
    ]
    return Section("classes", "Classes", figures=figures, lines=lines)


def class_table_rows(found):
    """Returns `columns`, `rows` and `total` of the table of classes.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> class_table_rows({"classes": []})["total"]
    0
    """
    classes = found["classes"]
    kept = sorted(classes, key=lambda row: (-row["offered"], row["class"]))
    kept = sorted(kept[:_LISTED], key=lambda row: row["class"])
    rows = [
        [
            row["name"],
            row["instead"] or DASH,
            number(row["seed"]),
            number(row["offered"]),
            number(row["right"]),
            number(row["wrong"]),
            _with_ends(row["precision"]),
            " · ".join(
                f"{part['right']}{_JOINT}of{_JOINT}"
                f"{part['right'] + part['wrong']}"
                for part in row["rounds"]
            )
            or DASH,
        ]
        for row in kept
    ]
    columns = [
        "Class", "Mostly named instead", "Seed", "Offered", "Right", "Wrong",
        "Precision", "By round",
    ]  # fmt: skip
    return {"columns": columns, "rows": rows, "total": len(classes)}


def _with_ends(entry):
    if entry["value"] is None:
        return DASH
    return f"{percent(entry['value'])} ({interval(entry)})"


def _say(entry):
    if not entry or entry["value"] is None:
        return [DASH, DASH, "0"]
    return [percent(entry["value"]), interval(entry), number(entry["whole"])]
