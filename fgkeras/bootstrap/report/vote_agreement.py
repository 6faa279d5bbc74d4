"""How far labellers agree on what several of them have seen."""

import numpy as np

from fgkeras.bootstrap.agreement import pairwise_kappa
from fgkeras.bootstrap.report.share import share

# The more items, the less other draws differ.
_MANY, _FEW_DRAWS, _DRAWS = 20_000, 100, 1000
# What people said by themselves: who ends a disagreement says it anew, and the
# first answer is the one that was independent.
_OWN = """
SELECT d.candidate, d.labeller, d.verdict = 'tp' FROM decision AS d
JOIN candidate AS c ON c.id = d.candidate
WHERE c.kind <> 'gold' AND d.id IN (
    SELECT max(o.id) FROM decision AS o
    WHERE o.verdict <> 'undo' AND o.mode <> 'adjudicate' AND NOT EXISTS (
        SELECT 1 FROM decision AS u
        WHERE u.verdict = 'undo' AND u.supersedes = o.id
    )
    GROUP BY o.candidate, o.labeller
) AND d.verdict IN ('tp', 'fp') ORDER BY d.candidate, d.labeller
"""


def vote_agreement(db):
    """Returns how far labellers agree.

    Counted are candidates that two or more people said yes or no to, without
    hidden gold and without what ended a disagreement.

    Args:
        db: Connection of a `Store`.

    Returns:
        Dict: `shared` (candidates with two such votes or more), `alike`, the
        share of them on which all agree; `kappa`, Cohen's, the mean over pairs
        of people: `value`, `low`, `high`, or `None`; `pairs`, a list of dicts
        `first`, `second`, `shared` and `kappa`; and `open_conflicts` and
        `ended`, disagreements that are open and that somebody ended.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     vote_agreement(db)["shared"]
    0
    """
    rows = np.array(
        [tuple(row) for row in db.execute(_OWN)],
        np.int64,
    ).reshape(-1, 3)
    _, items, counts = np.unique(
        rows[:, 0], return_inverse=True, return_counts=True
    )
    several = counts[items] > 1
    kept, items = rows[several], items[several]
    _, items = np.unique(items, return_inverse=True)
    total = int(items.max()) + 1 if len(items) else 0
    yes = np.bincount(items, kept[:, 2], total)
    votes = np.bincount(items, minlength=total)
    open_, ended = db.execute(
        "SELECT coalesce(sum(state = 'conflict'), 0), "
        "(SELECT count(DISTINCT candidate) FROM vote "
        "WHERE mode = 'adjudicate') FROM candidate"
    ).fetchone()
    found = {
        "shared": total,
        "alike": share(((yes == 0) | (yes == votes)).sum(), total),
        "kappa": None,
        "pairs": [],
        "open_conflicts": open_,
        "ended": ended,
    }
    if not total:
        return found
    names = dict(db.execute("SELECT id, name FROM labeller").fetchall())
    people, places = np.unique(kept[:, 1], return_inverse=True)
    kappa = pairwise_kappa(
        np.stack([items, places, kept[:, 2]], axis=1),
        num_items=total,
        num_classes=2,
        num_resamples=_DRAWS if total <= _MANY else _FEW_DRAWS,
    )
    found["pairs"] = [
        {
            "first": names[int(people[a])],
            "second": names[int(people[b])],
            "shared": int(count),
            "kappa": _number(value),
        }
        for (a, b), count, value in zip(
            kappa.pairs, kappa.shared, kappa.kappas, strict=True
        )
    ]
    if np.isfinite(kappa.mean):
        found["kappa"] = {
            "value": _number(kappa.mean),
            "low": _number(kappa.low),
            "high": _number(kappa.high),
        }
    return found


def _number(value):
    return float(value) if np.isfinite(value) else None
