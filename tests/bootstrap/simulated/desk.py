"""A store with a round to answer, and the truth of its candidates."""

from fgkeras.bootstrap.simulated import candidate_truth
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round

NAMES = ("elm", "oak", "fir")


class Round:
    """Of each class `per_class` candidates; every `right_every`-th is right.

    What is not right is the rival, or of no class, in turns. No pictures.
    """

    def __init__(
        self, folder, per_class=20, right_every=3, gold=0.0, rates=None
    ):
        self.folder = folder
        self.store = Store(folder / FILE, create=True)
        self.truths, candidates, number = {}, [], 0
        with self.store.writing() as db:
            for k, name in enumerate(NAMES):
                db.execute("INSERT INTO class VALUES (?, ?, '')", (k, name))
            for k, name in enumerate(NAMES):
                rival = (k + 1) % len(NAMES)
                for n in range(per_class + 5 * bool(gold)):
                    number += 1
                    seed = n >= per_class
                    digest = f"{number:064x}"
                    db.execute(
                        "INSERT INTO image (id, origin, name, sha256, class) "
                        "VALUES (?, ?, ?, ?, ?)",
                        (number, "seed" if seed else "pool",
                         f"{number}.jpg", digest, k if seed else None),
                    )  # fmt: skip
                    more = {"kind": "gold", "truth": "tp"} if seed else {}
                    score = None if seed else 0.7
                    candidates.append(
                        Candidate(number, k, rival, score, score, n, **more)
                    )
                    if not seed:
                        wrong = (NAMES[rival], None)[n % 2]
                        right = n % right_every == 0
                        self.truths[digest] = name if right else wrong
        open_round(
            self.store, 1, {}, candidates, gold=gold,
            rates=rates if rates is not None else {0: 0.3, 1: 0.7, 2: 0.3},
        )  # fmt: skip
        self.person = Labellers(self.store).add("Ada")
        self.truth = candidate_truth(self.store, self.truths)

    def outcomes(self):
        """Rows of candidates that are no gold, with the truth."""
        with self.store.reading() as db:
            rows = db.execute(
                "SELECT c.id, c.class, c.state, c.outcome, c.instead "
                "FROM candidate AS c WHERE c.kind <> 'gold' ORDER BY c.id"
            ).fetchall()
        return [
            {**dict(row), "true": self.truth(row["id"]),
             "name": NAMES[row["class"]]}
            for row in rows
        ]  # fmt: skip
