"""How much is left, as one person is told: hidden gold counts as all else."""

import dataclasses
import math

from fgkeras.bootstrap.store import progress
from fgkeras.bootstrap.store.cards import current_round

# Up to so many open ones of a class it is counted who answered which.
_FEW = 100
_OUTCOMES = ("tp", "fp", "unsure", "skip", "bad", "dup")
_OTHERS = "What is left is with others."


def shown_open(db, labeller, of_class=None):
    """Returns how many pictures are left for somebody, by class.

    Use it for what a person is shown. A number that fell with each answer but
    those to hidden gold would tell which pictures are gold: so gold that is
    likely to come is counted as open, and what somebody has answered is not,
    whether or not others have to see it too. Of a class with more than a
    hundred open it is the round's number, in full tens.

    Args:
        db: Connection of a `Store`.
        labeller: Int, id of who is told.
        of_class: Int, or `None` (default) for all classes.

    Returns:
        Dict of class to int, of classes with something left.
    """
    left = _left(db, labeller, of_class)
    return {k: own + gold for k, (own, gold) in left.items()}


def shown_progress(store, labeller):
    """Returns how far a round is, as somebody is shown.

    Args:
        store: `Store`.
        labeller: Int.

    Returns:
        Dict as of `progress`, where the gold that somebody has answered counts
        by its answers, and what is open is that of `shown_open`.
    """
    found = progress(store)
    number = found["round"]
    with store.reading() as db:
        left = _left(db, labeller, None)
        for row in found["classes"]:
            k = row["class"]
            own, more = left.get(k, (0, 0))
            gold = _answers(db, number, k, labeller, gold=True)
            if row["open"] <= _FEW:
                row["total"] += more + sum(gold.values())
            row["open"] = min(own + more, row["total"])
            for verdict in _ending(db, number, k):
                row[verdict] += gold.get(verdict, 0)
    for name in ("total", "open", *_OUTCOMES):
        found[name] = sum(row[name] for row in found["classes"])
    return found


def left_note(db, labeller, of_class=None):
    """Returns why there is nothing to hand out although something is open.

    Args:
        db: Connection of a `Store`.
        labeller: Int, id of who asks.
        of_class: Int, or `None` (default) for all classes.

    Returns:
        String, `""` where nothing is open.
    """
    number = current_round(db)
    open_ = [k for k, one in _counts(db, number, of_class).items() if one.open]
    if not open_:
        return ""
    alone = not db.execute(
        "SELECT 1 FROM labeller AS l WHERE l.id <> ? AND EXISTS ("
        "SELECT 1 FROM decision AS d WHERE d.labeller = l.id)",
        (labeller,),
    ).fetchone()
    skipped = second = 0
    for k in open_ if alone else ():
        seen = _answers(db, number, k, labeller)
        skipped += seen.pop("skip", 0)
        second += sum(seen.values())
    if not skipped and not second:
        return _OTHERS
    parts, ways = [], ["Invite somebody (fgkeras bootstrap invite)"]
    if second:
        parts.append(f"{second:,} wait for a second person")
    if skipped:
        parts.append(f"{skipped:,} skipped")
        ways.append("take what you skipped back in the history")
    ways.append("go on without them (fgkeras bootstrap apply)")
    said = " and ".join(parts)
    return f"{said}, and nobody else labels. {', or '.join(ways)}."


@dataclasses.dataclass
class _Counts:
    """Pictures of a class: all but gold, the open ones of them, and gold."""

    all: int = 0
    open: int = 0
    gold: int = 0


def _counts(db, number, of_class):
    found: dict = {}
    for row in db.execute(
        "SELECT class, kind = 'gold' AS gold, state, sum(count) AS count "
        "FROM tally WHERE round = ? AND (? IS NULL OR class = ?) "
        "GROUP BY 1, 2, 3",
        (number, of_class, of_class),
    ):
        one = found.setdefault(row["class"], _Counts())
        if row["gold"]:
            one.gold += row["count"]
            continue
        one.all += row["count"]
        one.open += row["count"] * (row["state"] == "open")
    return found


def _left(db, labeller, of_class):
    """Of each class with something left: pictures for somebody, and gold."""
    number = current_round(db)
    counts = _counts(db, number, of_class)
    out = {}
    for k, one in counts.items():
        if one.open > _FEW:
            out[k] = -(-one.open // 10) * 10, 0
            continue
        left = one.open
        if left:
            left -= sum(_answers(db, number, k, labeller).values())
        if left > 0:
            gold = _answers(db, number, k, labeller, gold=True)
            most = _gold_to_come(db, number, one)
            out[k] = left, max(0, most - sum(gold.values()))
    return out


def _answers(db, number, of_class, labeller, gold=False):
    """Verdicts of somebody on gold of a class, or on what is open, counted.

    What was skipped and comes again to the same person is not answered.
    """
    kind = "= 'gold'" if gold else "<> 'gold'"
    return dict(
        db.execute(
            "SELECT v.verdict, count(*) FROM candidate AS c "
            "JOIN round AS r ON r.number = c.round "
            "CROSS JOIN vote AS v ON v.candidate = c.id AND v.labeller = ? "
            "WHERE c.round = ? AND c.class = ? AND c.state = 'open' "
            f"AND c.kind {kind} AND (v.verdict <> 'skip' OR r.skip <> 'me') "
            "GROUP BY v.verdict",
            (labeller, number, of_class),
        ).fetchall()
    )


def _gold_to_come(db, number, counts):
    """How much gold is handed out beside all of a class, rarely more."""
    rate = db.execute(
        "SELECT gold FROM round WHERE number = ?", (number,)
    ).fetchone()["gold"]
    # By lot: rarely more than two deviations above what is expected.
    mean = counts.all * rate / (1 - rate)
    spread = 2 * math.sqrt(counts.all * rate) / (1 - rate)
    return min(counts.gold, round(mean + spread))


def _ending(db, number, of_class):
    """Verdicts of which one is enough to settle a picture of a class."""
    row = db.execute(
        "SELECT c.wanted, r.skip FROM candidate AS c "
        "JOIN round AS r ON r.number = c.round "
        "WHERE c.round = ? AND c.class = ? AND c.kind <> 'gold' LIMIT 1",
        (number, of_class),
    ).fetchone()
    if row is None or row["wanted"] > 1:
        return ()
    return [v for v in _OUTCOMES if v != "skip" or row["skip"] == "drop"]
