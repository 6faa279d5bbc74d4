"""How S and H have grown from round to round."""

from fgkeras.bootstrap.store import sets_by_round


def set_growth(db):
    """Returns the sizes of S and H after each round.

        S_i = S_{i-1} with T_i and what was named instead,
        H_i = H_{i-1} with F_i

    as `sets_by_round` makes them.

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
    return [_row(*state) for state in sets_by_round(db)]


def _row(number, inside, outside):
    return {
        "round": number,
        "accepted": len(inside),
        "rejected": len(outside),
        "new_accepted": sum(n == number for n in inside.values()),
        "new_rejected": sum(n == number for n in outside.values()),
    }
