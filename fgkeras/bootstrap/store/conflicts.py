"""Where people disagree: what an expert looks at, the riskiest first."""

from fgkeras.bootstrap.store.cards import current_round


def conflicts(store, count=20, number=None):
    """Returns candidates whose votes disagree, the riskiest first.

    Args:
        store: `Store`.
        count: Int, how many at most. Defaults to `20`.
        number: Int, the round; `None` (default) is the one that is labelled.

    Returns:
        List of dicts `candidate`, `class`, `rival`, `width`, `height`, `risk`
        (the expected error of the best answer, or `None` where it was not
        computed) and `votes`: a list of dicts `labeller` (a name), `verdict`,
        `instead`.
    """
    with store.reading() as db:
        number = current_round(db) if number is None else number
        rows = db.execute(
            "SELECT c.id, c.class, c.rival, c.risk, i.width, i.height "
            "FROM candidate AS c JOIN image AS i ON i.id = c.image "
            "WHERE c.round = ? AND c.state = 'conflict' "
            "ORDER BY c.risk DESC, c.id LIMIT ?",
            (number, count),
        ).fetchall()
        found = []
        for row in rows:
            votes = db.execute(
                "SELECT l.name, v.verdict, v.instead FROM vote AS v "
                "JOIN labeller AS l ON l.id = v.labeller "
                "WHERE v.candidate = ? AND v.verdict <> 'skip' "
                "ORDER BY v.decision",
                (row["id"],),
            )
            found.append(
                {
                    "candidate": row["id"],
                    "class": row["class"],
                    "rival": row["rival"],
                    "width": row["width"],
                    "height": row["height"],
                    "risk": row["risk"],
                    "votes": [
                        {
                            "labeller": vote["name"],
                            "verdict": vote["verdict"],
                            "instead": vote["instead"],
                        }
                        for vote in votes
                    ],
                }
            )
    return found
