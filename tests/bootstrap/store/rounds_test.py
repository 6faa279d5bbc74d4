import sqlite3

import numpy as np
import pytest

from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store import partition
from fgkeras.bootstrap.store.rounds import manifest_sha256
from tests.bootstrap.store.projects import add_images
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import candidates_of
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def offers(store, count=4):
    images = add_images(store, "pool", count)
    return [
        Candidate(image, 0, 1, 0.9, 0.1, rank)
        for rank, image in enumerate(images)
    ]


def test_a_round_is_opened_once(store):
    some = offers(store)
    first = open_round(store, 1, {"a": 1, "b": [2.5]}, some, rates={0: 0.2})
    assert first == manifest_sha256({"b": [2.5], "a": 1})
    again = open_round(store, 1, {"b": [2.5], "a": 1}, some)
    assert again == first
    assert len(candidates_of(store)) == 4
    assert rows_of(store, "SELECT * FROM expectation") == [(1, 0, 0.2)]
    with pytest.raises(ValueError, match="stays what it was opened as"):
        open_round(store, 1, {"a": 2}, some)
    for number in (3, 0):
        with pytest.raises(ValueError, match=f"round {number} after 1"):
            open_round(store, number, {}, offers(store))
    assert len(candidates_of(store)) == 4


def test_what_is_opened_is_what_was_given(store):
    some = [
        *offers(store),
        Candidate(
            add_images(store, "seed", 1, of_class=1)[0], 0, None, None, None,
            9, "gold", truth="fp",
        ),
        Candidate(
            add_images(store, "pool", 1)[0], 1, 0, 0.4, 0.3, 0, "audit",
            weight=50.0, wanted=3,
        ),
    ]  # fmt: skip
    open_round(store, 1, {}, some)
    names = (
        "image, class, rival, score, rival_score, rank, kind, weight, truth, "
        "wanted"
    )
    assert sorted(
        rows_of(store, f"SELECT {names} FROM candidate"), key=lambda r: r[0]
    ) == [tuple(vars(c).values()) for c in sorted(some, key=lambda c: c.image)]
    rows = rows_of(
        store, "SELECT DISTINCT state, outcome, votes FROM candidate"
    )
    assert rows == [("open", "", 0)]


def test_a_round_is_opened_whole_or_not_at_all(store):
    for wrong in (
        Candidate(10**6, 0, 1, 0.9, 0.1, 9),
        Candidate(1, 99, 1, 0.9, 0.1, 9),
        Candidate(1, 0, 1, 0.9, 0.1, 9, "gold"),
    ):
        with pytest.raises(sqlite3.IntegrityError):
            open_round(store, 1, {}, [*offers(store), wrong])
    assert candidates_of(store) == {}
    assert rows_of(store, "SELECT * FROM round") == []
    assert rows_of(store, "SELECT * FROM tally") == []


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf")])
def test_a_score_is_a_finite_number(score):
    for wrong in ((score, 0.1), (0.9, score)):
        with pytest.raises(
            ValueError, match=r"score is a finite number.*image 1"
        ):
            Candidate(1, 0, 1, *wrong, 0)


@pytest.mark.parametrize(
    "wrong", [{"skip": "never"}, {"gold": 0.51}, {"gold": -0.1}]
)
def test_an_option_out_of_range_is_refused(store, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}="):
        open_round(store, 1, {}, offers(store), **wrong)


def test_numbers_do_not_say_what_is_known(tmp_path, store):
    facts = add_round(store, offers=200, gold=40, classes=(0,))
    gold = [row["kind"] == "gold" for _, row in sorted(facts.items())]
    ranks = [row["rank"] for _, row in sorted(facts.items())]
    assert abs(np.corrcoef(ranks, np.arange(240))[0, 1]) < 0.2
    assert abs(np.corrcoef(gold, np.arange(240))[0, 1]) < 0.2
    # Drawn by the manifest: the same for the same.
    (tmp_path / "again").mkdir()
    again = unsynced(new_store(tmp_path / "again"))
    assert add_round(again, offers=200, gold=40, classes=(0,)) == facts
    again.close()


def parts_of(store):
    return dict(
        rows_of(store, "SELECT sha256, part FROM image WHERE origin = 'pool'")
    )


def test_the_pool_is_cut_once(store, tmp_path):
    for state in ("in", "duplicate", "leak", "refused", "filtered"):
        add_images(store, "pool", 25, state=state)
    add_images(store, "seed", 5, of_class=0)
    with store.writing() as db:
        db.execute("UPDATE image SET part = NULL")
    counts = partition(store, 4, seed=3)
    assert sum(counts) == 25
    assert max(counts) - min(counts) <= 1
    cut = parts_of(store)
    assert sum(part is not None for part in cut.values()) == 25
    # As it is: whatever is asked for later.
    assert partition(store, 4, seed=5) == counts
    assert parts_of(store) == cut
    # By content, not by name or order.
    (tmp_path / "other").mkdir()
    other = unsynced(new_store(tmp_path / "other"))
    with other.writing() as db:
        for place, sha256 in enumerate(
            sorted((s for s in cut if cut[s]), reverse=True)
        ):
            db.execute(
                "INSERT INTO image (origin, name, sha256) VALUES "
                "('pool', ?, ?)",
                (f"renamed {place}", sha256),
            )
    partition(other, 4, seed=3)
    assert parts_of(other) == {s: p for s, p in cut.items() if p}
    other.close()


def test_an_empty_pool_has_empty_parts(store):
    assert partition(store, 3) == [0, 0, 0]
