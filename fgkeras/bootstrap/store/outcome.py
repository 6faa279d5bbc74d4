"""What the votes on a candidate come to."""

# Answers that say something of the candidate; who skips says nothing.
COUNTED = ("tp", "fp", "unsure", "bad", "dup")


def outcome_of(votes, wanted, skip="others"):
    """Returns what the votes on one candidate come to.

    Args:
        votes: Sequence of `(verdict, instead, mode)`, one per labeller, in the
            order of the decisions.
        wanted: Int, how many votes it takes.
        skip: String, what becomes of what is skipped: `"others"` and `"me"`
            hand it out again, `"drop"` counts it as an answer. Defaults to
            `"others"`.

    Returns:
        Tuple `(state, outcome, instead, counted)`: `"open"`, `"settled"` or
        `"conflict"`; the verdict once settled, else `""`; the class that all
        name instead, or `None`; and how many votes count.

    Example:

    >>> outcome_of([("tp", None, "card"), ("fp", None, "card")], 2)
    ('conflict', '', None, 2)
    >>> outcome_of([("tp", None, "card"), ("fp", 3, "adjudicate")], 1)
    ('settled', 'fp', 3, 2)
    """
    ends = [vote for vote in votes if vote[2] == "adjudicate"]
    counted = [vote for vote in votes if vote[0] in COUNTED or skip == "drop"]
    count = len(counted)
    if ends:
        return "settled", ends[-1][0], ends[-1][1], max(count, 1)
    if count < wanted:
        return "open", "", None, count
    verdicts = {vote[0] for vote in counted}
    if len(verdicts) > 1:
        return "conflict", "", None, count
    named = {vote[1] for vote in counted}
    instead = named.pop() if len(named) == 1 else None
    return "settled", verdicts.pop(), instead, count


def settle(db, candidate):
    """Brings a candidate's state in line with its votes.

    Args:
        db: Connection of a `Store` that is writing.
        candidate: Int.
    """
    row = db.execute(
        "SELECT c.kind, c.wanted, r.skip FROM candidate AS c "
        "JOIN round AS r ON r.number = c.round WHERE c.id = ?",
        (candidate,),
    ).fetchone()
    if row["kind"] == "gold":  # Goes to everybody, and is never settled.
        return
    votes = db.execute(
        "SELECT verdict, instead, mode FROM vote WHERE candidate = ? "
        "ORDER BY decision",
        (candidate,),
    ).fetchall()
    state, outcome, instead, count = outcome_of(
        [tuple(vote) for vote in votes], row["wanted"], row["skip"]
    )
    db.execute(
        "UPDATE candidate SET state = ?, outcome = ?, instead = ?, votes = ? "
        "WHERE id = ?",
        (state, outcome, instead, count, candidate),
    )
