import numpy as np
import pytest

from fgkeras.bootstrap.consensus import BY
from fgkeras.bootstrap.consensus import end_disagreements
from fgkeras.bootstrap.consensus import note_risks
from fgkeras.bootstrap.consensus import round_consensus
from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store import conflicts
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store import round_sets

COUNT = 60


@pytest.fixture
def store(tmp_path):
    """Two good labellers and a bad one, each asked about all candidates."""
    store = Store(tmp_path / FILE, create=True)
    with store.writing() as db:
        db.executemany(
            "INSERT INTO class VALUES (?, ?, '')", [(0, "elm"), (1, "oak")]
        )
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (?, 'pool', ?, ?)",
            [(i, f"{i}.jpg", f"{i:064x}") for i in range(COUNT)],
        )
    truth = np.arange(COUNT) % 2
    open_round(
        store, 1, {"round": 1},
        [
            Candidate(i, 0, 1, 0.8 if truth[i] else 0.55, 0.1, i, wanted=3)
            for i in range(COUNT)
        ],
    )  # fmt: skip
    with store.reading() as db:
        image = dict(db.execute("SELECT id, image FROM candidate").fetchall())
    rng = np.random.default_rng(0)
    for name, accuracy in (("ada", 0.97), ("bob", 0.97), ("cyd", 0.6)):
        person = Labellers(store).add(name)
        while cards := next_cards(store, person, 10):
            for card in cards:
                number = card["candidate"]
                right = truth[image[number]] == (rng.random() < accuracy)
                decide(
                    store, person, f"{name}{number}",
                    Answer(number, "tp" if right else "fp"),
                )  # fmt: skip
    return store, {c: bool(truth[i]) for c, i in image.items()}


def test_sure_disagreements_are_ended_and_right(store):
    store, truth = store
    before = {c["candidate"] for c in conflicts(store, 100)}
    assert len(before) > 10
    found = round_consensus(store)
    assert set(found.candidates[found.conflict].tolist()) == before
    ended, left = end_disagreements(store, 0.9)
    assert ended + left == len(before)
    assert ended > left
    with store.reading() as db:
        sets = round_sets(db, 1)
        rows = db.execute(
            "SELECT v.candidate, v.verdict FROM vote AS v "
            "JOIN labeller AS l ON l.id = v.labeller WHERE l.name = ?",
            (BY,),
        ).fetchall()
    assert sets.undecided == left
    right = [truth[r["candidate"]] == (r["verdict"] == "tp") for r in rows]
    assert np.mean(right) > 0.85
    # What it ended itself is no truth to learn from.
    after = round_consensus(store)
    own = np.isin(after.candidates, [row["candidate"] for row in rows])
    assert own.sum() == ended
    assert (np.minimum(after.right, 1 - after.right)[own] > 0).all()
    # Again there is nothing to end.
    assert end_disagreements(store, 0.9) == (0, left)


def test_riskiest_come_first(store):
    store, _ = store
    count = note_risks(store)
    shown = conflicts(store, 100)
    risks = [row["risk"] for row in shown]
    assert count == len(shown)
    assert risks == sorted(risks, reverse=True)
    assert 0 < risks[-1] <= risks[0] <= 0.5


def test_what_an_expert_said_is_known(store):
    store, _ = store
    one = conflicts(store, 1)[0]["candidate"]
    expert = Labellers(store).add("expert")
    adjudicate(store, expert, "e1", Answer(one, "tp"))
    found = round_consensus(store)
    place = found.candidates.tolist().index(one)
    assert found.right[place] == 1
    assert not found.conflict[place]


def test_nothing_answered(tmp_path):
    store = Store(tmp_path / FILE, create=True)
    assert len(round_consensus(store).candidates) == 0
    assert end_disagreements(store) == (0, 0)
    with pytest.raises(ValueError, match=r"\(0.5, 1\)"):
        end_disagreements(store, 1.0)


def test_what_cannot_be_said_stays_with_people(store):
    """A bad picture is none because a model is sure of it."""
    store, _ = store
    many = [row["candidate"] for row in conflicts(store, 100)]
    bad = Labellers(store).add("dan")
    with store.writing() as db:
        db.executemany(
            "INSERT INTO lease VALUES (?, ?, 0, 0, NULL)",
            [(candidate, bad) for candidate in many],
        )
    for candidate in many:
        answer = Answer(candidate, "bad")
        decide(store, bad, f"bad{candidate}", answer)
    assert end_disagreements(store, 0.6) == (0, 0)
    assert len(conflicts(store, 100)) == len(many)
