"""The page of several runs side by side."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import linear_axis
from fgkeras.report.comparison.dot_chart import dot_chart
from fgkeras.report.number import DASH
from fgkeras.report.number import interval
from fgkeras.report.number import number
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.report.page import write_page

MINUS = "\N{MINUS SIGN}"


def compare_page(path, found):
    """Writes a comparison as one offline HTML file.

    Args:
        path: path of the file to write; an old one is replaced as a whole.
        found: dict, what `fgkeras.jobs.compare` returns.

    Returns:
        pathlib.Path of the file.
    """
    first = found["runs"][0]["name"]
    to_first = [pair for pair in found["pairs"] if pair["first"] == first]
    options = option_rows(found)
    data = render_page(
        "compare.html",
        title=_title(found),
        found=found,
        first=first,
        columns=["Run", *map(_capital, found["measures"])],
        rows=value_rows(found),
        cost=cost_rows(found),
        values=_values_chart(found),
        changes=_differences_chart(found, to_first),
        pair_columns=["Pair", *map(_capital, found["measures"]), *_P_COLUMNS],
        pairs=difference_rows(found, found["pairs"]),
        meanings=list(found["measures"].items()),
        option_columns=["Option", *(run["name"] for run in found["runs"])],
        options=options,
    )
    return write_page(path, data)


_P_COLUMNS = ["Only one right", "McNemar's p"]


def value_rows(found, line=" "):
    """Rows of the runs: the name, and each number with its interval.

    Args:
        found: dict, what `fgkeras.jobs.compare` returns.
        line: str between a number and its interval.
    """
    return [
        [run["name"]]
        + [_with(run["numbers"][name], line) for name in found["measures"]]
        for run in found["runs"]
    ]


def difference_rows(found, pairs, line=" ", named=None):
    """Rows of pairs: each difference, and McNemar's test of the first number.

    Args:
        found: dict, what `fgkeras.jobs.compare` returns.
        pairs: list of its `pairs`.
        line: str between a difference and its interval.
        named: function of a pair that returns what to call it; None calls it
            "second less first".
    """
    rows = []
    for pair in pairs:
        test = next(iter(pair["mcnemar"].values()))
        name = f"{pair['second']} {MINUS} {pair['first']}"
        rows.append(
            [
                named(pair) if named else name,
                *(
                    _with(pair["differences"][name], line, points)
                    for name in found["measures"]
                ),
                f"{test['only_second']:,} : {test['only_first']:,}",
                p_value(test["p"]),
            ]
        )
    return rows


def cost_rows(found):
    """Rows of what each run cost: seconds of training and parameters."""
    return [
        [
            run["name"],
            " ".join(filter(None, (run.get("method"), run.get("mode"))))
            or DASH,
            number(run["seconds"] and round(run["seconds"])),
            number(run["parameters"]),
        ]
        for run in found["runs"]
    ]


def option_rows(found):
    """Rows of the options in which the runs differ: name, value of each."""
    options = [run["options"] for run in found["runs"]]
    return [
        [name, *(_option(of.get(name)) for of in options)]
        for name in options[0]
    ]


def p_value(p):
    """A p with as many digits as say something.

    >>> p_value(0.0213), p_value(0.00001), p_value(1.0)
    ('0.021', '< 0.0001', '1.00')
    """
    if p < 0.0001:
        return "< 0.0001"
    return f"{p:.2f}" if p >= 0.095 else f"{p:.2g}"


def points(value):
    """A difference of shares in percentage points, with its sign.

    >>> points(0.0213), points(-0.1), points(None)
    ('+2.1', '−10.0', '–')
    """
    if value is None:
        return DASH
    text = f"{100 * value:+.1f}".replace("-", MINUS)
    return "0.0" if float(f"{100 * value:.1f}") == 0 else text


def _with(entry, line, write=percent):
    """A number and its interval, if it has one."""
    text = write(entry and entry["value"])
    if write is points:
        bounds = _bounds(entry)
    else:
        bounds = interval(entry)
    return f"{text}{line}({bounds})" if bounds else text


def _bounds(entry):
    if entry is None or entry["low"] is None:
        return ""
    return f"{points(entry['low'])} to {points(entry['high'])}"


def _values_chart(found):
    entries = [
        entry
        for run in found["runs"]
        for entry in run["numbers"].values()
        if entry is not None
    ]
    axis = _percent(entries, 0.0, 1.0)
    blocks = [
        (
            _capital(name),
            [(run["name"], run["numbers"][name]) for run in found["runs"]],
        )
        for name in found["measures"]
    ]
    return dot_chart(
        "Each run",
        blocks,
        axis,
        label="Percent",
        columns=["Of", "Value", "95 % interval"],
        say=lambda entry: (
            percent(entry and entry["value"]),
            interval(entry) or DASH,
        ),
        note="The axis starts where the intervals do. Intervals that overlap "
        "do not say that two runs are alike: look at the differences.",
    )


def _differences_chart(found, pairs):
    entries = [
        entry
        for pair in pairs
        for entry in pair["differences"].values()
        if entry is not None
    ]
    axis = _percent([*entries, {"value": 0.0, "low": None}], -1.0, 1.0, points)
    blocks = [
        (
            _capital(name),
            [(pair["second"], pair["differences"][name]) for pair in pairs],
        )
        for name in found["measures"]
    ]
    return dot_chart(
        f"Differences from {pairs[0]['first']}",
        blocks,
        axis,
        label="Percentage points",
        columns=["Of", "Difference", "95 % interval"],
        say=lambda entry: (
            points(entry and entry["value"]),
            _bounds(entry) or DASH,
        ),
        note="On the same images. Where an interval does not hold 0, the "
        "difference is more than the choice of test images explains.",
        zero=0.0,
    )


def _percent(entries, least, most, write=None):
    """An axis that holds all intervals, with ticks in percent."""
    ends = [entry["value"] for entry in entries]
    for entry in entries:
        if entry["low"] is not None:
            ends += [entry["low"], entry["high"]]
    axis = linear_axis(100 * min(ends), 100 * max(ends))
    low = max(axis.low / 100, least)
    high = min(axis.high / 100, most)
    ticks = [(v / 100, text) for v, text in axis.ticks]
    if write is not None:
        ticks = [(v, text.replace("-", MINUS)) for v, text in ticks]
    return Axis(low, high, [t for t in ticks if low <= t[0] <= high])


def _title(found):
    names = [run["name"] for run in found["runs"]]
    if len(names) > 3:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join((", ".join(names[:-1]), names[-1]))


def _capital(text):
    return text[:1].upper() + text[1:]


def _option(value):
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(map(str, value[:6]))
        return text + (", ..." if len(value) > 6 else "")
    return str(value)
