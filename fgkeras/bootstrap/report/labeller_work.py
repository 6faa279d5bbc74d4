"""What each labeller did: how much, how fast, how well."""

import datetime

import numpy as np

from fgkeras.bootstrap.report.share import share
from fgkeras.bootstrap.report.work_hours import work_hours

_CARD, _PAGE = ("card",), ("grid_marked", "grid_rest")


def labeller_work(db):
    """Returns how much, how fast and how well each labeller answered.

    Args:
        db: Connection of a `Store`.

    Returns:
        List of dicts: `name`, `paused`; `decisions` (given), `undone` (taken
        back), `imported` (of them, those from a file or a threshold, whose
        times are not work); `right`, `wrong` and `other`, of what stands
        without gold; `hours`, `sessions`, `per_minute` (decisions a minute, or
        `None`); `card_seconds` and `page_seconds`, medians of how long a card
        and a picture of a page were looked at, or `None`; `gold`, the share of
        known ones answered right; `gold_right_found` and `gold_wrong_found`,
        the same of those that are of the class and of those that are not.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     labeller_work(db)
    []
    """
    people = db.execute("SELECT * FROM labeller ORDER BY id").fetchall()
    return [_person(db, row) for row in people]


def _person(db, row):
    given, undone, imported = _given(db, row["id"])
    standing = _standing(db, row["id"])
    gold = _gold(db, row["id"])
    times, dwells, modes, each = _answers(db, row["id"])
    hours = work_hours(times, dwells)
    measured = given - imported
    return {
        "name": row["name"],
        "paused": row["paused"],
        "decisions": given,
        "undone": undone,
        "imported": imported,
        **standing,
        "hours": hours.seconds / 3600,
        "sessions": hours.sessions,
        "per_minute": (
            60 * measured / hours.seconds if hours.seconds > 0 else None
        ),
        "card_seconds": _median(each, modes, _CARD),
        "page_seconds": _median(each, modes, _PAGE),
        "gold": share(
            gold["tp"][0] + gold["fp"][0], gold["tp"][1] + gold["fp"][1]
        ),
        "gold_right_found": share(*gold["tp"]),
        "gold_wrong_found": share(*gold["fp"]),
    }


def _given(db, person):
    return tuple(
        db.execute(
            "SELECT coalesce(sum(verdict <> 'undo'), 0), "
            "coalesce(sum(verdict = 'undo'), 0), "
            "coalesce(sum(mode = 'import' AND verdict <> 'undo'), 0) "
            "FROM decision WHERE labeller = ?",
            (person,),
        ).fetchone()
    )


def _standing(db, person):
    found = dict(
        db.execute(
            "SELECT v.verdict, count(*) FROM vote AS v "
            "JOIN candidate AS c ON c.id = v.candidate "
            "WHERE v.labeller = ? AND c.kind <> 'gold' GROUP BY v.verdict",
            (person,),
        ).fetchall()
    )
    right, wrong = found.pop("tp", 0), found.pop("fp", 0)
    return {"right": right, "wrong": wrong, "other": sum(found.values())}


def _gold(db, person):
    """Right and all answers to gold, of each truth."""
    found = {"tp": (0, 0), "fp": (0, 0)}
    for row in db.execute(
        "SELECT c.truth, sum(v.verdict = c.truth), count(*) FROM vote AS v "
        "JOIN candidate AS c ON c.id = v.candidate WHERE v.labeller = ? "
        "AND c.kind = 'gold' AND v.verdict IN ('tp', 'fp') GROUP BY c.truth",
        (person,),
    ):
        found[row[0]] = (row[1], row[2])
    return found


def _answers(db, person):
    """Time and dwell of each card or page; mode and dwell of each picture."""
    times, dwells, modes, each = [], [], [], []
    last = None
    for row in db.execute(
        "SELECT request, time, dwell_ms, mode, verdict FROM decision "
        "WHERE labeller = ? AND mode <> 'import' ORDER BY request, id",
        (person,),
    ):
        dwell = np.nan if row["dwell_ms"] is None else row["dwell_ms"] / 1000
        if row["request"] != last:
            last = row["request"]
            moment = datetime.datetime.fromisoformat(row["time"])
            times.append(moment.timestamp())
            dwells.append(0.0)
        dwells[-1] += dwell
        if row["verdict"] != "undo":
            modes.append(row["mode"])
            each.append(dwell)
    return times, dwells, np.array(modes, np.str_), np.array(each)


def _median(each, modes, wanted):
    found = each[np.isin(modes, wanted)]
    found = found[np.isfinite(found)]
    return float(np.median(found)) if len(found) else None
