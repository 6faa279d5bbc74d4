"""What the candidates of each round and class came to."""

import json

from fgkeras.bootstrap.report.share import share

_NEITHER = ("unsure", "skip", "bad", "dup")
_COUNTS = ("offered", "right", "wrong", *_NEITHER, "undecided")


def round_yields(db):
    """Returns what people made of the candidates of each round.

    Precision is the share of right ones among those that were offered, which
    lie above the threshold, and were decided; the audit slice, drawn from
    below, is counted by itself, and hidden gold nowhere.

    Args:
        db: Connection of a `Store`.

    Returns:
        List of dicts: `round`, `model`, `strategy` and `threshold` as the round
        was opened; the counts `offered`, `right`, `wrong`, `unsure`, `skip`,
        `bad`, `dup`, `undecided`; `precision`, a share; `audit`, the same
        counts of the audit slice; and `gold`, how many were hidden.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     round_yields(db)
    []
    """
    out = {}
    for row in db.execute("SELECT * FROM round ORDER BY number"):
        manifest = json.loads(row["manifest"])
        strategy = manifest.get("strategy") or {}
        out[row["number"]] = {
            "round": row["number"],
            "model": manifest.get("model"),
            "strategy": strategy.get("name"),
            "threshold": strategy.get("threshold"),
            "parts": {"offer": _none(), "audit": _none()},
            "gold": 0,
        }
    for row in db.execute(
        "SELECT round, kind, state, outcome, count(*) AS count FROM candidate "
        "GROUP BY round, kind, state, outcome"
    ):
        found = out[row["round"]]
        if row["kind"] == "gold":
            found["gold"] += row["count"]
        else:
            _add(found["parts"][row["kind"]], row)
    rows = []
    for found in out.values():
        parts = found.pop("parts")
        offer = parts["offer"]
        rows.append(
            {
                **found,
                **offer,
                "precision": share(
                    offer["right"], offer["right"] + offer["wrong"]
                ),
                "audit": parts["audit"],
            }
        )
    return rows


def class_yields(db):
    """Returns what the offered candidates of each class came to.

    Args:
        db: Connection of a `Store`.

    Returns:
        List of dicts, in the order of the classes: `class`, `name`, `seed` (how
        many images the class began with), the counts and `precision` as of
        `round_yields`, `instead` (the class that its wrong ones were named most
        often, or `None`) and `rounds`, a list of the counts and the precision
        of each round.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     class_yields(db)
    []
    """
    out = {
        row["id"]: {
            "class": row["id"], "name": row["name"], "seed": 0, "instead": None,
            "rounds": {},
        }
        for row in db.execute("SELECT id, name FROM class ORDER BY id")
    }  # fmt: skip
    for row in db.execute(
        "SELECT class, count(*) AS count FROM image WHERE origin = 'seed' "
        "AND state = 'in' GROUP BY class"
    ):
        out[row["class"]]["seed"] = row["count"]
    for row in db.execute(
        "SELECT round, class, state, outcome, count(*) AS count FROM candidate "
        "WHERE kind = 'offer' GROUP BY round, class, state, outcome"
    ):
        rounds = out[row["class"]]["rounds"]
        _add(rounds.setdefault(row["round"], _none()), row)
    # The last row of a class has the most; of as many, the first class.
    for row in db.execute(
        "SELECT class, instead, count(*) AS count FROM candidate "
        "WHERE kind = 'offer' AND state = 'settled' AND instead IS NOT NULL "
        "GROUP BY class, instead ORDER BY class, count, instead DESC"
    ):
        out[row["class"]]["instead"] = out[row["instead"]]["name"]
    for found in out.values():
        rounds = found.pop("rounds")
        for name in _COUNTS:
            found[name] = sum(part[name] for part in rounds.values())
        found["precision"] = share(
            found["right"], found["right"] + found["wrong"]
        )
        found["rounds"] = [
            {
                "round": number,
                **rounds[number],
                "precision": share(
                    rounds[number]["right"],
                    rounds[number]["right"] + rounds[number]["wrong"],
                ),
            }
            for number in sorted(rounds)
        ]
    return list(out.values())


def _none():
    return dict.fromkeys(_COUNTS, 0)


def _add(counts, row):
    """Counts candidates of one state and outcome."""
    counts["offered"] += row["count"]
    if row["state"] != "settled":
        counts["undecided"] += row["count"]
    else:
        name = {"tp": "right", "fp": "wrong"}.get(row["outcome"])
        counts[name or row["outcome"]] += row["count"]
