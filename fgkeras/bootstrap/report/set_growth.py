"""How S and H have grown from round to round."""

from fgkeras.bootstrap.store import round_sets


def set_growth(db):
    """Returns the sizes of S and H after each round.

        S_i = S_{i-1} with T_i and what was named instead,
        H_i = H_{i-1} with F_i

    an image that is of a class in one of them is not of it in the other: the
    later round counts, and the seed always stays.

    Args:
        db: Connection of a `Store`.

    Returns:
        List of dicts `round` (0 is the seed), `accepted`, `rejected`, and how
        many are new in each: `new_accepted`, `new_rejected`.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     set_growth(db)[0]["accepted"]
    0
    """
    inside = {
        (row["id"], row["class"]): 0
        for row in db.execute(
            "SELECT id, class FROM image WHERE origin = 'seed' AND state = 'in'"
        )
    }
    outside: dict = {}
    rows = [_row(0, inside, outside)]
    numbers = [r[0] for r in db.execute("SELECT number FROM round ORDER BY 1")]
    for number in numbers:
        found = round_sets(db, number)
        for member in (*found.right, *found.renamed):
            key = (member.image, member.of_class)
            inside.setdefault(key, number)
            outside.pop(key, None)
        for member in found.wrong:
            key = (member.image, member.of_class)
            if inside.get(key) != 0:
                inside.pop(key, None)
                outside.setdefault(key, number)
        rows.append(_row(number, inside, outside))
    return rows


def _row(number, inside, outside):
    return {
        "round": number,
        "accepted": len(inside),
        "rejected": len(outside),
        "new_accepted": sum(n == number for n in inside.values()),
        "new_rejected": sum(n == number for n in outside.values()),
    }
