"""What somebody answered last, and how."""

import collections
import statistics

from fgkeras.bootstrap.store.gold import gold_counts

_PACE = 1000


def history(store, labeller, count=50, before=None):
    """Returns what somebody answered, the last first.

    Args:
        store: `Store`.
        labeller: Int.
        count: Int, how many rows. Defaults to `50`.
        before: Int, a decision: older ones than it; `None` (default) begins at
            the last.

    Returns:
        List of dicts `decision`, `candidate`, `class`, `verdict`, `instead`,
        `mode`, `time`, and `stands`: whether it was neither taken back nor
        answered anew. Of the picture there is `licence`, `author` and `url`.
    """
    with store.reading() as db:
        rows = db.execute(
            "SELECT d.id, d.candidate, c.class, d.verdict, d.instead, d.mode, "
            "d.time, v.decision AS stands, i.licence, i.author, i.url "
            "FROM decision AS d JOIN candidate AS c ON c.id = d.candidate "
            "JOIN image AS i ON i.id = c.image "
            "LEFT JOIN vote AS v ON v.candidate = d.candidate "
            "AND v.labeller = d.labeller "
            "WHERE d.labeller = ? AND d.id < ? AND d.verdict <> 'undo' "
            "ORDER BY d.id DESC LIMIT ?",
            (labeller, 2**62 if before is None else before, count),
        ).fetchall()
    return [
        {
            "decision": row["id"],
            "candidate": row["candidate"],
            "class": row["class"],
            "verdict": row["verdict"],
            "instead": row["instead"],
            "mode": row["mode"],
            "time": row["time"],
            "stands": row["stands"] == row["id"],
            "licence": row["licence"],
            "author": row["author"],
            "url": row["url"],
        }
        for row in rows
    ]


def labeller_facts(store, labeller):
    """Returns how somebody works.

    Args:
        store: `Store`.
        labeller: Int.

    Returns:
        Dict `labeller`, `name`, `paused`, `decisions` (that stand, gold
        included), `verdicts` (of each, without gold), `gold_right` and
        `gold_answered`, `shared` and `agreed` (candidates that others answered
        too, and how many of those all alike), and `median_ms`, how long the
        last thousand were looked at, or `None`.

    Raises:
        ValueError: If there is no such person.
    """
    with store.reading() as db:
        person = db.execute(
            "SELECT * FROM labeller WHERE id = ?", (labeller,)
        ).fetchone()
        if person is None:
            raise ValueError(
                "Labellers are those of the project. Received: labeller="
                f"{labeller}."
            )
        verdicts = collections.Counter(
            dict(
                db.execute(
                    "SELECT verdict, count(*) FROM vote WHERE labeller = ? "
                    "GROUP BY verdict",
                    (labeller,),
                ).fetchall()
            )
        )
        total = verdicts.total()
        verdicts -= collections.Counter(
            dict(
                db.execute(
                    "SELECT v.verdict, count(*) FROM candidate AS c "
                    "CROSS JOIN vote AS v "
                    "ON v.candidate = c.id AND v.labeller = ? "
                    "WHERE c.kind = 'gold' GROUP BY v.verdict",
                    (labeller,),
                ).fetchall()
            )
        )
        shared = db.execute(
            "SELECT count(*) AS shared, coalesce(sum(alike), 0) AS agreed "
            "FROM (SELECT min(v.verdict = o.verdict) AS alike "
            # From the few that several people answered on.
            "FROM candidate AS c CROSS JOIN vote AS v "
            "ON v.candidate = c.id AND v.labeller = ? CROSS JOIN vote AS o "
            "ON o.candidate = c.id AND o.labeller <> v.labeller "
            "WHERE c.votes > 1 AND c.kind <> 'gold' "
            "AND 'adjudicate' NOT IN (v.mode, o.mode) "
            "AND 'skip' NOT IN (v.verdict, o.verdict) GROUP BY v.candidate)",
            (labeller,),
        ).fetchone()
        dwell = [
            row[0]
            for row in db.execute(
                "SELECT dwell_ms FROM decision WHERE labeller = ? "
                "AND dwell_ms IS NOT NULL ORDER BY id DESC LIMIT ?",
                (labeller, _PACE),
            )
        ]
        right, answered = gold_counts(db, labeller)
    return {
        "labeller": labeller,
        "name": person["name"],
        "paused": person["paused"],
        "decisions": total,
        "verdicts": dict(verdicts),
        "gold_right": right,
        "gold_answered": answered,
        "shared": shared["shared"],
        "agreed": shared["agreed"],
        "median_ms": statistics.median(dwell) if dwell else None,
    }


def labellers(store):
    """Returns the ids of all labellers, in the order in which they came."""
    with store.reading() as db:
        return [r["id"] for r in db.execute("SELECT id FROM labeller")]
