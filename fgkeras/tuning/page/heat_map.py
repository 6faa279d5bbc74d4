"""Scores over two options, a map for each value of a third: beta and gamma."""

from fgkeras.report.canvas import Axis
from fgkeras.report.canvas import Canvas
from fgkeras.report.canvas import Figure

_CELL, _ROW = 74, 46
_LEAST = 560
_ACROSS, _UP, _EACH = "loss.beta", "loss.gamma", "loss.name"


def heat_maps(rows, over, objective):
    """Draws the scores of a sweep over beta and gamma, a map for each loss.

    Where other options are swept too, a cell is the best of its trials.

    Args:
        rows: List of dicts with `options` and `score`, the trials that ended.
        over: Dict of dotted name to a list of values; what is no list is left
            out.
        objective: String, what the scores are.

    Returns:
        List of `Figure`; without beta or gamma the first two options that are
        lists are drawn, and with fewer than two options nothing.
    """
    lists = [n for n, values in over.items() if isinstance(values, list)]
    across, up, each = _axes(lists)
    if across is None or up is None:
        return []
    scores = [row["score"] for row in rows]
    if not scores:
        return []
    bounds = min(scores), max(scores)
    facets = over[each] if each else [None]
    figures = []
    for facet in facets:
        chosen = [
            r for r in rows if not each or r["options"].get(each) == facet
        ]
        if chosen:
            title = f"{_short(each)} {facet}" if each else "All trials"
            figures.append(
                _map(title, chosen, over, across, up, bounds, objective)
            )
    return figures


def _axes(lists):
    """The options across, up, and of which each value has a map."""
    each = _EACH if _EACH in lists else None
    left = [name for name in lists if name != each]
    left.sort(key=lambda name: (name != _ACROSS, name != _UP))
    if each and len(left) == 1:
        # Two options are one map.
        return left[0], each, None
    return (left[0], left[1], each) if len(left) > 1 else (None, None, None)


def _map(title, rows, over, across, up, bounds, objective):
    columns = over[across]
    levels = [
        v for v in over[up] if any(r["options"].get(up) == v for r in rows)
    ]
    if any(up not in row["options"] for row in rows):
        levels = [*levels, None]
    axis = Axis(
        0, len(columns), [(i + 0.5, str(v)) for i, v in enumerate(columns)]
    )
    left = 30 + 7 * max(len(_level(v)) for v in levels)
    # A small map stays small: the page makes drawings as wide as it can.
    room = max(26, _LEAST - left - _CELL * len(columns))
    canvas = Canvas(
        left + room + _CELL * len(columns),
        74 + _ROW * len(levels),
        axis,
        None,
        _short(across),
        _short(up),
        left=left,
        right=room,
    )
    table, low, high = [], *bounds
    for j, level in enumerate(levels):
        top = canvas.top + _ROW * j
        canvas.text(left - 8, top + _ROW / 2 + 4, _level(level), "tick end")
        texts = []
        for i, value in enumerate(columns):
            cell = [
                row
                for row in rows
                if row["options"].get(across, columns[0]) == value
                and row["options"].get(up) == level
            ]
            if not cell:
                texts.append("")
                continue
            best = max(cell, key=lambda row: row["score"])
            share = (best["score"] - low) / (high - low) if high > low else 1.0
            words = f"trial {best['trial']}: {best['words']}"
            canvas.rect(
                canvas.x(i) + 1.5,
                top + 1.5,
                _CELL - 3.0,
                _ROW - 3.0,
                "cell",
                words,
                0.08 + 0.72 * share,
            )
            text = f"{100 * best['score']:.1f}"
            middle = canvas.x(i + 0.5), top + _ROW / 2 + 4.5
            canvas.text(*middle, text, "value")
            texts.append(text)
        table.append([_level(level), *texts])
    said = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in table)
    alt = (
        f"{title}: {objective} in percent by {_short(across)} and "
        f"{_short(up)}. {said}."
    )
    heads = [_short(up), *(f"{_short(across)} {v}" for v in columns)]
    return Figure(title, canvas.svg(alt), alt, heads, table)


def _level(value):
    return "not used" if value is None else str(value)


def _short(name):
    """The last word of an option's name."""
    return {"loss.name": "loss"}.get(name, name.rpartition(".")[2])
