import numpy as np
import pytest

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.answers import adopt
from fgkeras.jobs.bootstrapping.forecast import CARD_SECONDS
from fgkeras.jobs.bootstrapping.forecast import GRID_SECONDS
from fgkeras.jobs.bootstrapping.forecast import forecast


def test_earlier_answers_teach_what_scores_are_worth(tmp_path):
    """t right and f wrong of a class, beside ten decisions of its scores."""
    store = Store(tmp_path / FILE, create=True)
    kinds = ["offer"] * 6 + ["audit"] * 2 + ["unseen"] * 4 + ["gold"] * 3
    with store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')", [(0, "elm"), (1, "oak")]
        )
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (?, 'pool', ?, ?)",
            [(i, f"{i}", f"{i:064x}") for i in range(len(kinds))],
        )
    open_round(
        store, 1, {},
        [
            Candidate(
                i, 0, 1, 0.9, 0.1, i, kind,
                truth="tp" if kind == "gold" else None,
            )
            for i, kind in enumerate(kinds)
        ],
    )  # fmt: skip
    with store.reading() as db:
        number = dict(db.execute("SELECT image, id FROM candidate").fetchall())
    # Of what people looked at, 3 are right and 5 wrong.
    answers = [
        Answer(number[i], "tp" if i < 3 or i >= 8 else "fp")
        for i in range(len(kinds))
    ]
    adopt(store, Labellers(store).add("Ada"), "all", answers)
    elm, oak = forecast(
        store, ["elm", "oak"], np.array([0.8, 0.6, 0.5]), np.array([0, 0, 1])
    )
    assert elm["expected"] == pytest.approx((3 + 10 * 0.7) / (8 + 10))
    assert oak["expected"] == pytest.approx(0.5)
    assert (elm["name"], elm["offered"]) == ("elm", 2)
    assert elm["card_minutes"] == pytest.approx(2 * CARD_SECONDS / 60)
    assert elm["grid_minutes"] == pytest.approx(2 * GRID_SECONDS / 60)
