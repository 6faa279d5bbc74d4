"""What the threshold keeps and loses, by the decisions on both sides of it."""

import json

import numpy as np

from fgkeras.bootstrap.acquisition import threshold_calibration

_USUAL = 0.5


def cut_calibrations(db):
    """Returns precision and recall of the cut of each round, and of all.

    The chance to be decided is the share that was drawn (1 of what was
    offered), times the share of those that have a yes or a no by now: what is
    open, unsure or skipped counts as drawn by lot from the others.

    Args:
        db: Connection of a `Store`.

    Returns:
        List of dicts, a round each and one of all rounds with `round` `None`;
        none where nothing is decided: `round`, `threshold`, `above` and
        `below`, how many were decided on either side; `precision`, `recall`
        and `missed` (right ones expected below), each `value`, `low`, `high`,
        `None` where it is not defined; `bins`, as of `threshold_calibration`.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     cut_calibrations(db)
    []
    """
    parts, cuts = [], []
    for row in db.execute("SELECT number, manifest FROM round ORDER BY number"):
        strategy = json.loads(row["manifest"]).get("strategy") or {}
        cut = strategy.get("threshold", _USUAL)
        found = _decided(db, row["number"])
        if len(found[0]):
            parts.append(found)
            cuts.append((row["number"], cut))
    out = [
        _numbers(number, cut, *found)
        for (number, cut), found in zip(cuts, parts, strict=True)
    ]
    # Rounds with one threshold are one sample of the pool.
    if len({cut for _, cut in cuts}) == 1 and len(out) > 1:
        joined = [np.concatenate(values) for values in zip(*parts, strict=True)]
        out.append(_numbers(None, cuts[0][1], *joined))
    return out


def _decided(db, number):
    """Answers, scores and chances to be decided, of a round."""
    correct, scores, inclusion = [], [], []
    for kind in ("offer", "audit"):
        rows = db.execute(
            "SELECT outcome = 'tp' AS right, score, weight FROM candidate "
            "WHERE round = ? AND kind = ? AND state = 'settled' "
            "AND outcome IN ('tp', 'fp') AND score IS NOT NULL ORDER BY id",
            (number, kind),
        ).fetchall()
        (asked,) = db.execute(
            "SELECT count(*) FROM candidate WHERE round = ? AND kind = ? "
            "AND score IS NOT NULL AND outcome NOT IN ('bad', 'dup')",
            (number, kind),
        ).fetchone()
        correct += [bool(row["right"]) for row in rows]
        scores += [row["score"] for row in rows]
        inclusion += [len(rows) / asked / row["weight"] for row in rows]
    return np.array(correct, bool), np.array(scores), np.array(inclusion)


def _numbers(number, cut, correct, scores, inclusion):
    found = threshold_calibration(correct, scores, inclusion, above=cut)
    above = int((scores > cut).sum())
    seen = above < len(scores)
    return {
        "round": number,
        "threshold": cut,
        "above": above,
        "below": len(scores) - above,
        "precision": _entry(found.precision, found.precision_interval),
        "recall": _entry(found.recall, found.recall_interval, seen),
        "missed": _entry(found.missed, found.missed_interval, seen),
        "bins": found.bins,
    }  # fmt: skip


def _entry(value, ends, known=True):
    """A number with its interval; none of what nobody looked at."""
    value, low, high = map(float, (value, *ends))
    if not known or not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": low, "high": high}
