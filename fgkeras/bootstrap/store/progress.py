"""How far a round is, class by class."""

from fgkeras.bootstrap.store.cards import current_round
from fgkeras.bootstrap.store.cards import expected_rate

_OUTCOMES = ("tp", "fp", "unsure", "skip", "bad", "dup")


def progress(store, number=None):
    """Returns how far the labelling of a round is.

    Args:
        store: `Store`.
        number: Int, the round; `None` (default) is the one that is labelled.

    Returns:
        Dict `round` (`None` where there is none), `total`, `open`, `conflict`,
        `tp`, `fp`, `unsure`, `skip`, `bad`, `dup`, and `classes`: a list of
        the same by class, with `class`, `name` and `expected`, the share of
        right ones that is expected. Hidden gold counts nowhere.
    """
    with store.reading() as db:
        number = current_round(db) if number is None else number
        classes: dict = {}
        for row in db.execute(
            "SELECT t.*, k.name FROM tally AS t JOIN class AS k "
            "ON k.id = t.class WHERE t.round = ? AND t.kind <> 'gold' "
            "AND t.count > 0 ORDER BY t.class",
            (number,),
        ):
            found = classes.setdefault(
                row["class"],
                {"class": row["class"], "name": row["name"], **_empty()},
            )
            found["total"] += row["count"]
            found[row["outcome"] or row["state"]] += row["count"]
        for found in classes.values():
            found["expected"] = expected_rate(db, number, found["class"])
    whole = _empty()
    for found in classes.values():
        for name in whole:
            whole[name] += found[name]
    return {"round": number, **whole, "classes": list(classes.values())}


def _empty():
    return dict.fromkeys(("total", "open", "conflict", *_OUTCOMES), 0)
