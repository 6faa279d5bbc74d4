"""The page of a sweep: one HTML file that works offline."""

from fgkeras.report.number import interval
from fgkeras.report.number import percent
from fgkeras.report.page import render_page
from fgkeras.tuning.interval import Interval
from fgkeras.tuning.page.bars import importance_bars
from fgkeras.tuning.page.bars import score_rows
from fgkeras.tuning.page.heat_map import heat_maps
from fgkeras.tuning.page.learning_curves import learning_curves
from fgkeras.tuning.page.parallel_coordinates import parallel_coordinates


def sweep_page(facts, rows, title):
    """Returns the page of a sweep as bytes.

    Args:
        facts: Dict, what `TuningReport` has.
        rows: List of its trials, the best first.
        title: String, the name of the sweep.
    """
    over = {
        name: v if isinstance(v, list) else Interval.read(name, v)
        for name, v in facts["over"].items()
    }
    done = [row for row in rows if row["score"] is not None]
    # What was stopped early was measured by another training.
    whole = [row for row in done if row["stopped"] is None] or done
    winner, objective = facts["winner"], facts["objective"]
    return render_page(
        "sweep.html",
        title=title,
        facts=facts,
        cards=_cards(facts, rows),
        tested=_tested(facts["tested"]),
        best=score_rows(whole, winner, objective),
        maps=heat_maps(whole, over, objective),
        parallel=parallel_coordinates(whole, over, winner, objective),
        importance=importance_bars(facts["importance"]),
        curves=learning_curves(done, winner, objective),
        columns=[
            "Trial",
            f"{objective}, %",
            "95 %",
            *over,
            "Stopped at",
            "Seconds",
        ],
        table_rows=[_line(row, over) for row in rows],
        failed=[row for row in rows if row["failed"] is not None],
        repeats=_repeats(facts, done),
    )


def _cards(facts, rows):
    failed = sum(row["failed"] is not None for row in rows)
    best = next((r for r in rows if r["trial"] == facts["winner"]), None)
    out = []
    if best:
        out.append(
            {
                "name": "Winner on validation",
                "value": percent(best["score"]),
                "interval": interval(best),
                "text": f"{facts['objective']}, trial {best['trial']}",
            }
        )
    tested = facts["tested"]
    if tested:
        how = "trained again on all images" if tested["refit"] else "as trained"
        for name, key in (
            ("Top 1 on test", "top1"),
            ("Mean per class on test", "mean_per_class"),
        ):
            out.append(
                {
                    "name": name,
                    "value": percent(tested[key]["value"]),
                    "interval": interval(tested[key]),
                    "text": how,
                }
            )
    out.append(
        {
            "name": "Trials",
            "value": str(len(rows)),
            "interval": "",
            "text": f"{facts['search']}, {failed} failed",
        }
    )
    return out


def _tested(tested):
    """Rows of the winner's numbers on the test images."""
    if not tested:
        return []
    entries = [
        ("Top 1", tested["top1"]),
        ("Top 5", tested["top5"]),
        ("Mean per class", tested["mean_per_class"]),
    ]
    for name, group in (tested["groups"] or {}).items():
        entries.append((f"{name.capitalize()}, mean", group["class_mean"]))
    return [
        [name, percent(entry["value"]), interval(entry)]
        for name, entry in entries
        if entry
    ]


def _line(row, over):
    score = "failed" if row["score"] is None else f"{100 * row['score']:.1f}"
    bounds = ""
    if row["low"] is not None:
        bounds = f"{100 * row['low']:.1f} – {100 * row['high']:.1f}"
    return [
        row["trial"],
        score,
        bounds,
        *(str(row["options"].get(name, "")) for name in over),
        row["stopped"] or "",
        row["seconds"],
    ]


def _repeats(facts, rows):
    """Columns and rows of the scores of each repeat; empty with one."""
    names = facts["repeats"]
    if len(names) < 2:
        return None
    return {
        "columns": ["Trial", *names],
        "rows": [
            [
                row["trial"],
                *(
                    percent(row["repeats"][name][facts["objective"]])
                    for name in names
                ),
            ]
            for row in rows
        ],
    }
