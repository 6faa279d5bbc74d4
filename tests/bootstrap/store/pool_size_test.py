"""What a hand-out costs does not grow with the pool, counted in SQLite's steps.

Steps and not seconds, which another program takes too. The seconds are in
`experiments/bootstrapping/pool_size.py`.
"""

import pytest

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import history
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store import progress
from fgkeras.bootstrap.store.answers import adopt

CLASSES, STEP = 20, 100


def pool(path, size):
    """A round with so many candidates, half of them answered."""
    store = Store(path / FILE, create=True)
    with store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')",
            [(k, f"class {k}") for k in range(CLASSES)],
        )
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (?, 'pool', ?, ?)",
            ((i, f"{i}.jpg", f"{i:064x}") for i in range(size)),
        )
    open_round(
        store, 1, {},
        [
            Candidate(i, i % CLASSES, None, 0.9, None, i // CLASSES)
            for i in range(size)
        ],
    )  # fmt: skip
    before = Labellers(store).add("before")
    with store.reading() as db:
        numbers = [
            row["id"]
            for row in db.execute("SELECT id FROM candidate WHERE rank % 2 = 0")
        ]
    for start in range(0, len(numbers), 5000):
        answers = [Answer(n, "fp") for n in numbers[start : start + 5000]]
        adopt(store, before, f"before-{start}", answers)
    return store, before


def steps_of(store, work):
    """How many hundred steps of SQLite some work takes."""
    with store.reading() as db:
        counted = [0]

        def count():
            counted[0] += 1

        db.set_progress_handler(count, STEP)
    work()
    db.set_progress_handler(None, 0)
    return counted[0]


@pytest.mark.slow
def test_steps_do_not_grow_with_the_pool(tmp_path):
    found = {}
    for size in (2_000, 100_000):
        (tmp_path / str(size)).mkdir()
        store, before = pool(tmp_path / str(size), size)
        ada = Labellers(store).add("Ada")
        works = {
            "cards": lambda s=store, a=ada: next_cards(s, a, 6),
            "page": lambda s=store, a=ada: next_page(s, a, 36),
            "history": lambda s=store, b=before: history(s, b),
            "progress": lambda s=store: progress(s),
        }
        for name, work in works.items():
            found.setdefault(name, []).append(steps_of(store, work))
        # Goes through the votes of one person, once.
        facts = steps_of(store, lambda s=store, b=before: labeller_facts(s, b))
        assert STEP * facts < 20 * size
    for name, (few, many) in found.items():
        assert many <= 1.5 * few + 20, (name, few, many)
