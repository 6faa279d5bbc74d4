"""Small projects, filled by hand, for the tests of the store."""

import hashlib

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds

    def pass_by(self, seconds):
        self.seconds += seconds


def new_store(folder, *, classes=3, clock=None):
    """Returns a store with classes `class 0` and so on."""
    more = {} if clock is None else {"clock": clock}
    store = Store(folder / FILE, create=True, **more)
    with store.writing() as db:
        db.executemany(
            "INSERT OR IGNORE INTO class VALUES (?, ?, '')",
            [(k, f"class {k}") for k in range(classes)],
        )
    return store


def add_images(store, origin, count, *, of_class=None, state="in"):
    """Adds rows of images; returns their ids."""
    with store.writing() as db:
        start = db.execute("SELECT count(*) FROM image").fetchone()[0]
        names = [f"{origin} {start + i}.jpg" for i in range(count)]
        return [
            db.execute(
                "INSERT INTO image (origin, name, sha256, width, height, "
                "class, state, part) VALUES (?, ?, ?, 40, 30, ?, ?, ?)",
                (
                    origin,
                    name,
                    hashlib.sha256(name.encode()).hexdigest(),
                    of_class,
                    state,
                    1 if origin == "pool" else None,
                ),
            ).lastrowid
            for name in names
        ]


def add_round(
    store, number=1, *, offers=6, classes=(0, 1), gold=0, audits=0, wanted=1,
    skip="others", gold_rate=0.0, rates=None,
):  # fmt: skip
    """Opens a round with so many of each kind of each class.

    Every other known picture is of the class. Returns a dict of candidate to
    its row.
    """
    candidates = []
    for k in classes:
        images = [
            *((i, "offer") for i in add_images(store, "pool", offers)),
            *((i, "audit") for i in add_images(store, "pool", audits)),
            *((i, "gold") for i in add_images(store, "seed", gold, of_class=k)),
        ]
        for rank, (image, kind) in enumerate(images):
            truth = ("tp", "fp")[rank % 2] if kind == "gold" else None
            candidates.append(
                Candidate(
                    image, k, (k + 1) % 2, None if truth else 0.9, 0.1, rank,
                    kind, truth=truth, wanted=wanted,
                )
            )  # fmt: skip
    open_round(
        store, number, {"round": number}, candidates, rates=rates, skip=skip,
        gold=gold_rate,
    )  # fmt: skip
    return candidates_of(store, number)


def candidates_of(store, number=None):
    """Returns a dict of candidate to its row, of one round or of all."""
    with store.reading() as db:
        rows = db.execute(
            "SELECT * FROM candidate WHERE ? IS NULL OR round = ?",
            (number, number),
        ).fetchall()
    return {row["id"]: dict(row) for row in rows}


def people(store, *names):
    """Returns the ids of labellers, who are added."""
    labellers = Labellers(store)
    return [labellers.add(name) for name in names or ("Ada",)]


def rows_of(store, query, *values):
    """Returns what a query finds, as tuples."""
    with store.reading() as db:
        return [tuple(row) for row in db.execute(query, values)]


def unsynced(store):
    """Makes a store of this thread quick: it need not survive the test."""
    store._connection().execute("PRAGMA synchronous = OFF")
    return store
