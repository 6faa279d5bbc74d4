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
        rows=[
            [_capital(name), *(text or DASH for text in row)]
            for name, rows in measured_rows(found).items()
            for row in rows
        ],
        cost=cost_rows(found),
        values=_values_chart(found),
        changes=_differences_chart(found, to_first),
        # Those of two runs are among the numbers.
        pairs=pair_rows(found) if len(found["pairs"]) > 1 else [],
        alone=[_alone(pair) for pair in to_first],
        meanings=list(found["measures"].items()),
        option_columns=["Option", *(run["name"] for run in found["runs"])],
        options=options,
    )
    return write_page(path, data)


def measured_rows(found):
    """Rows of each number: one for each run, beside the first run.

    Args:
        found: dict, what `fgkeras.jobs.compare` returns.

    Returns:
        Dict of the number's name to a list of rows: run, value, interval,
        difference from the first run, its interval and McNemar's p, all texts.
    """
    first = found["runs"][0]["name"]
    less = {p["second"]: p for p in found["pairs"] if p["first"] == first}
    out = {}
    for name in found["measures"]:
        out[name] = []
        for run in found["runs"]:
            entry = run["numbers"][name]
            row = [
                run["name"],
                percent(entry and entry["value"]).removesuffix(" %"),
                interval(entry).removesuffix(" %"),
            ]
            pair = less.get(run["name"])
            row += _difference(pair, name) if pair else ["", "", ""]
            out[name].append(row)
    return out


def pair_rows(found):
    """Rows of all pairs and numbers: the second run less the first."""
    rows = []
    for pair in found["pairs"]:
        title = f"{pair['second']} {MINUS} {pair['first']}"
        for name in found["measures"]:
            test = pair["mcnemar"].get(name)
            right = DASH
            if test:
                right = f"{test['only_second']:,} : {test['only_first']:,}"
            difference, bounds, p = _difference(pair, name)
            row = [title, _capital(name), difference, bounds, right, p]
            rows.append([text or DASH for text in row])
    return rows


def _alone(pair):
    """How many images one of a pair alone has right, in words."""
    name, test = next(iter(pair["mcnemar"].items()))
    return (
        f"{_capital(name)}: {pair['second']} alone has "
        f"{test['only_second']:,} images right, {pair['first']} alone "
        f"{test['only_first']:,}."
    )


def _difference(pair, name):
    """Difference, interval and p of one number, as texts."""
    entry, test = pair["differences"][name], pair["mcnemar"].get(name)
    value = points(entry and entry["value"])
    return [value, _bounds(entry), p_value(test["p"]) if test else ""]


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
