"""Sections of the report on what was left out: the cut and the filter."""

from fgkeras.bootstrap.report.calibration_chart import calibration_chart
from fgkeras.bootstrap.report.round_chart import round_chart
from fgkeras.report.canvas import percent_axis
from fgkeras.report.measures.page import Section
from fgkeras.report.measures.page import Table
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent


def threshold_section(found):
    """Returns the `Section` of the threshold, or `None` before any decision.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> threshold_section({"cuts": []}) is None
    True
    """
    cuts = found["cuts"]
    if not cuts:
        return None
    rounds = [cut for cut in cuts if cut["round"] is not None]
    rows = [
        [
            _name(cut), f"{cut['threshold']:g}",
            *_shown(cut["precision"]), *_shown(cut["recall"]),
            _missed(cut["missed"]),
        ]
        for cut in cuts
    ]  # fmt: skip
    columns = [
        "Round", "Threshold", "Precision", "95 % interval", "Recall",
        "95 % interval ", "Missed",
    ]  # fmt: skip
    figures = [
        calibration_chart(cuts[-1]),
        round_chart(
            "Precision and recall of the threshold",
            [_name(cut) for cut in rounds],
            [
                ("precision", [cut["precision"] for cut in rounds]),
                ("recall", [cut["recall"] for cut in rounds]),
            ],
            percent_axis(),
            columns=columns,
            rows=rows,
            say=percent,
            label="Round",
        ),
    ]
    table = Table(
        "The threshold",
        columns,
        rows,
        "Missed: right ones expected below the threshold, from the audit "
        "slice.",
    )
    lines = []
    if any(cut["recall"]["value"] is None for cut in cuts):
        lines.append(
            "No recall is known where nobody decided what lies below: score "
            "with an audit share above 0."
        )
    return Section(
        "threshold", "Threshold", figures=figures, tables=[table], lines=lines
    )


def filter_section(found):
    """Returns the `Section` of the coarse filter, or `None` without one.

    Args:
        found: Dict of `report_numbers`.

    Example:

    >>> filter_section({"filter": None}) is None
    True
    """
    filter_ = found["filter"]
    if not filter_:
        return None
    cards = [
        {
            "name": "Kept",
            "value": number(filter_["kept"]),
            "interval": "",
            "text": f"{number(filter_['left_out'])} candidates left out",
        },
        *(
            {
                "name": key.capitalize(),
                "value": percent(filter_[key]["value"]),
                "interval": interval(filter_[key]),
                "text": f"on {number(filter_['held_back'])} images held back",
            }
            for key in ("precision", "recall")
        ),
    ]
    return Section(
        "filter",
        "Coarse filter",
        cards=cards,
        lines=[
            "Before the first round: what a classifier of relevant and other "
            f"images held to be relevant with more than "
            f"{filter_['threshold']:g} stayed in the pool. Recall: relevant "
            "images that stay."
        ],
    )


def _name(cut):
    return "all" if cut["round"] is None else str(cut["round"])


def _shown(entry):
    return [percent(entry["value"]), interval(entry) or DASH]


def _missed(entry):
    if entry["value"] is None:
        return DASH
    return f"{entry['value']:.0f} ({entry['low']:.0f} to {entry['high']:.0f})"
