import concurrent.futures
import multiprocessing
import os
import signal
import sqlite3

import pytest

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import NotServed
from fgkeras.bootstrap.store import RequestReused
from fgkeras.bootstrap.store import StoreFull
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store import answers
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import conflicts
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import undo
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import Clock
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import candidates_of
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    store = unsynced(new_store(tmp_path, clock=clock))
    yield store
    store.close()


def card(store, person):
    return next_cards(store, person)[0]["candidate"]


def count(store, table="decision"):
    return rows_of(store, f"SELECT count(*) FROM {table}")[0][0]


def verdicts(store):
    return dict(rows_of(store, "SELECT candidate, verdict FROM vote"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"candidate": -1},
        {"candidate": True},
        {"candidate": 1.0},
        {"candidate": 2**62},
        {"candidate": None},
        {"verdict": "undo"},
        {"verdict": None},
        {"instead": "1"},
        {"instead": 1, "verdict": "tp"},
        {"dwell_ms": -1},
    ],
)
def test_an_answer_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="Received"):
        Answer(**{"candidate": 1, "verdict": "fp", **wrong})


def test_the_same_request_is_kept_once(store, tmp_path, clock):
    add_round(store)
    (ada,) = people(store)
    answer = Answer(card(store, ada), "fp", 2, 1200)
    first = decide(store, ada, "r", answer)
    found = [decide(store, ada, "r", answer) for _ in range(4)]
    again = new_store(tmp_path, clock=clock)
    found.append(decide(again, ada, "r", answer))
    again.close()
    assert found == [first] * 5
    assert first == {
        "request": "r",
        "answers": [
            {
                "decision": 1,
                "candidate": answer.candidate,
                "verdict": "fp",
                "instead": 2,
            }
        ],
    }
    assert count(store) == count(store, "request") == 1


@pytest.mark.parametrize("kind", ["card", "page"])
def test_the_same_request_at_once_is_kept_once(store, kind):
    add_round(store)
    (ada,) = people(store)
    if kind == "card":
        answer = Answer(card(store, ada), "tp")

        def send(_):
            return decide(store, ada, "r", answer)

    else:
        page = next_page(store, ada, 6)
        marked = [cell["candidate"] for cell in page["cells"][:2]]

        def send(_):
            return commit(store, ada, "r", page["page"], marked)

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        found = list(pool.map(send, range(5)))
    assert found == [found[0]] * 5
    assert count(store, "request") == 1
    assert (
        count(store) == len(found[0]["answers"]) == {"card": 1, "page": 6}[kind]
    )


def test_a_request_stands_for_one_answer(store):
    add_round(store, wanted=2)
    ada, bob = people(store, "Ada", "Bob")
    one = card(store, ada)
    assert card(store, bob)
    decide(store, ada, "r", Answer(one, "fp"))
    for person, answer in (
        (ada, Answer(one, "tp")),
        (ada, Answer(one, "fp", 2)),
        (bob, Answer(one, "fp")),
    ):
        with pytest.raises(RequestReused, match="Make a new id"):
            decide(store, person, "r", answer)
    with pytest.raises(RequestReused):
        undo(store, ada, "r")
    with pytest.raises(RequestReused):
        adjudicate(store, ada, "r", Answer(one, "fp"))
    assert verdicts(store) == {one: "fp"}
    # How long it took is none of what an answer says.
    decide(store, ada, "r", Answer(one, "fp", None, 77))


@pytest.mark.parametrize("request_id", ["", "x" * 65, None, 5])
def test_a_request_has_an_id(store, request_id):
    add_round(store)
    (ada,) = people(store)
    one = card(store, ada)
    with pytest.raises(ValueError, match="1 to 64 characters"):
        decide(store, ada, request_id, Answer(one, "fp"))
    decide(store, ada, "x" * 64, Answer(one, "fp"))


def test_answers_are_to_what_was_handed_out(store):
    facts = add_round(store)
    ada, bob = people(store, "Ada", "Bob")
    one = card(store, ada)
    other = next(c for c in facts if c != one)
    for person, candidate in ((bob, one), (ada, other)):
        with pytest.raises(NotServed):
            decide(store, person, "r", Answer(candidate, "fp"))
    with pytest.raises(NotServed, match="adjudicated"):
        adjudicate(store, bob, "r", Answer(one, "fp"))
    with pytest.raises(ValueError, match="candidate=999"):
        decide(store, ada, "r", Answer(999, "fp"))
    with pytest.raises(ValueError, match="labeller=77"):
        decide(store, 77, "r", Answer(one, "fp"))
    with pytest.raises(ValueError, match="labeller=77"):
        undo(store, 77, "r")
    for instead in (9, facts[one]["class"]):
        with pytest.raises(ValueError, match=f"instead={instead}"):
            decide(store, ada, "r", Answer(one, "fp", instead))
    assert count(store) == count(store, "request") == 0


def test_an_answer_can_be_given_anew(store):
    add_round(store)
    (ada,) = people(store)
    one = card(store, ada)
    decide(store, ada, "1", Answer(one, "fp"))
    decide(store, ada, "2", Answer(one, "tp"))
    assert verdicts(store) == {one: "tp"}
    assert rows_of(store, "SELECT id, supersedes FROM decision") == [
        (1, None),
        (2, 1),
    ]
    # The last is taken back first.
    undo(store, ada, "3")
    assert verdicts(store) == {one: "fp"}
    undo(store, ada, "4")
    assert verdicts(store) == {}
    assert undo(store, ada, "5") == {"request": "5", "answers": []}


def test_a_late_answer_is_kept(store, clock):
    add_round(store)
    ada, bob = people(store, "Ada", "Bob")
    one = card(store, ada)
    assert next_cards(store, bob, of_class=0)[0]["candidate"] != one
    clock.pass_by(601)
    held = [c["candidate"] for c in next_cards(store, bob, 6, of_class=0)]
    assert one in held
    decide(store, bob, "b", Answer(one, "tp"))
    decide(store, ada, "a", Answer(one, "fp"))
    row = candidates_of(store)[one]
    assert (row["state"], row["votes"]) == ("conflict", 2)
    assert [c["candidate"] for c in conflicts(store)] == [one]
    adjudicate(store, ada, "c", Answer(one, "tp"))
    row = candidates_of(store)[one]
    assert (row["state"], row["outcome"]) == ("settled", "tp")
    assert conflicts(store) == []
    undo(store, ada, "d")
    assert candidates_of(store)[one]["state"] == "conflict"


def test_undo_goes_twenty_deep_over_reopening(tmp_path, clock):
    store = unsynced(new_store(tmp_path, clock=clock))
    add_round(store, offers=30)
    (ada,) = people(store)
    given = []
    for i in range(25):
        given.append(card(store, ada))
        decide(store, ada, f"r{i}", Answer(given[-1], "fp"))
    for i in range(22):
        if i % 5 == 0:
            store.close()
            store = unsynced(new_store(tmp_path, clock=clock))
        (taken,) = undo(store, ada, f"u{i}")["answers"]
        assert taken["candidate"] == given[-1 - i]
        assert card(store, ada) == given[-1 - i]
    assert set(verdicts(store)) == set(given[:3])
    assert count(store) == 25 + 22
    # What was taken back comes again in the order in which it was given.
    again = [c["candidate"] for c in next_cards(store, ada, 22)]
    assert again == given[3:]
    store.close()


def test_undo_brings_back_a_page(store):
    add_round(store, offers=9, rates={0: 0.1, 1: 0.1})
    (ada,) = people(store)
    page = next_page(store, ada, 9)
    cells = [cell["candidate"] for cell in page["cells"]]
    commit(
        store, ada, "r", page["page"], cells[:2],
        others=[Answer(cells[2], "unsure")], left=[cells[3]],
    )  # fmt: skip
    assert cells[3] not in verdicts(store)
    modes = dict(rows_of(store, "SELECT candidate, mode FROM vote"))
    assert [modes.get(c) for c in cells[:5]] == [
        "grid_marked", "grid_marked", "grid_marked", None, "grid_rest",
    ]  # fmt: skip
    found = undo(store, ada, "u")
    assert len(found["answers"]) == 8
    assert verdicts(store) == {}
    again = next_page(store, ada, 9)
    assert again["page"] == page["page"]
    assert [cell["candidate"] for cell in again["cells"]] == [
        c for c in cells if c != cells[3]
    ]
    commit(store, ada, "r2", page["page"], cells[:1])
    # What was not shown has no answer.
    assert verdicts(store) == {
        c: "tp" if c == cells[0] else "fp" for c in cells if c != cells[3]
    }


def test_a_page_is_committed_once_until_it_is_taken_back(store):
    add_round(store)
    (ada,) = people(store)
    page = next_page(store, ada, 6)
    cells = [cell["candidate"] for cell in page["cells"]]
    first = commit(store, ada, "r1", page["page"], cells[:2], left=cells[5:])
    before = rows_of(store, "SELECT * FROM vote")
    for marked in (cells[:2], cells[2:4], []):
        with pytest.raises(NotServed, match="committed once"):
            commit(store, ada, f"s{marked}", page["page"], marked)
    assert rows_of(store, "SELECT * FROM vote") == before
    # The first request stays known; one answer may be changed by itself.
    again = commit(store, ada, "r1", page["page"], cells[:2], left=cells[5:])
    assert again == first
    decide(store, ada, "c", Answer(cells[0], "unsure"))
    with pytest.raises(NotServed, match="committed once"):
        commit(store, ada, "r2", page["page"], cells[:1])
    undo(store, ada, "u1")
    undo(store, ada, "u2")
    assert rows_of(store, "SELECT * FROM vote") == []
    commit(store, ada, "r3", page["page"], cells[2:4])
    assert len(rows_of(store, "SELECT * FROM vote")) == 5
    # The next page is another one.
    other = next_page(store, ada, 6)
    commit(store, ada, "r4", other["page"], [])


def test_undo_goes_past_a_page_that_was_left_whole(store):
    add_round(store)
    (ada,) = people(store)
    one = card(store, ada)
    decide(store, ada, "1", Answer(one, "tp"))
    page = next_page(store, ada, 3)
    cells = [cell["candidate"] for cell in page["cells"]]
    commit(store, ada, "2", page["page"], [], left=cells)
    assert [a["candidate"] for a in undo(store, ada, "3")["answers"]] == [one]


def test_undo_stays_within_the_round(store):
    add_round(store)
    (ada,) = people(store)
    one = card(store, ada)
    decide(store, ada, "1", Answer(one, "tp"))
    late = card(store, ada)
    add_round(store, 2)
    assert undo(store, ada, "2")["answers"] == []
    # A late answer lands in its own round.
    decide(store, ada, "3", Answer(late, "fp"))
    assert candidates_of(store, 1)[late]["outcome"] == "fp"


def test_a_page_is_committed_as_it_was_handed_out(store):
    facts = add_round(store)
    ada, bob = people(store, "Ada", "Bob")
    page = next_page(store, ada, 3)
    cells = [cell["candidate"] for cell in page["cells"]]
    strange = next(c for c in facts if c not in cells)
    for person, name, marked in (
        (bob, page["page"], cells[:1]),
        (ada, "another", cells[:1]),
        (ada, page["page"], [strange]),
    ):
        with pytest.raises(NotServed):
            commit(store, person, "r", name, marked)
    for more in (
        {"left": cells[:1]},
        {"others": [Answer(cells[0], "bad")]},
    ):
        with pytest.raises(ValueError, match="one answer"):
            commit(store, ada, "r", page["page"], cells[:1], **more)
    other = Answer(cells[1], "fp", facts[cells[1]]["class"])
    with pytest.raises(ValueError, match="instead="):
        commit(store, ada, "r", page["page"], [], others=[other])
    assert count(store) == count(store, "request") == 0
    assert len(next_page(store, ada, 3)["cells"]) == 3


def killed_within(folder, page, person, marked, after):
    """Commits a page, and is killed at the so-maniest picture of it."""
    store = new_store(folder)
    insert, seen = answers._insert, []

    def counted(*args):
        if len(seen) == after:
            os.kill(os.getpid(), signal.SIGKILL)
        insert(*args)
        seen.append(1)

    answers._insert = counted
    commit(store, person, "r", page, marked)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("after", [0, 1, 24, 47, None])
def test_a_page_is_kept_whole_or_not_at_all(tmp_path, after):
    store = new_store(tmp_path)
    add_round(store, offers=48)
    (ada,) = people(store)
    page = next_page(store, ada, 48)
    marked = [cell["candidate"] for cell in page["cells"][:3]]
    store.close()
    process = multiprocessing.get_context("fork").Process(
        target=killed_within,
        args=(tmp_path, page["page"], ada, marked, after),
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    store = new_store(tmp_path)
    assert rows_of(store, "PRAGMA integrity_check") == [("ok",)]
    kept = 48 if after is None else 0
    assert count(store) == count(store, "vote") == kept
    assert count(store, "request") == bool(kept)
    assert count(store, "lease") == 48 - kept
    commit(store, ada, "r", page["page"], marked)
    assert count(store) == 48
    assert count(store, "request") == 1
    store.close()


def test_nothing_is_kept_on_a_full_disk(store):
    add_round(store, offers=60)
    (ada,) = people(store)
    db = store._connection()
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    page = next_page(store, ada, 48)
    cells = [cell["candidate"] for cell in page["cells"]]
    done = 0

    def answer_on():
        nonlocal done
        while True:
            verdict = ("fp", "tp")[done % 2]
            decide(store, ada, f"r{done}", Answer(cells[done % 48], verdict))
            done += 1

    with pytest.raises(StoreFull):
        answer_on()
    assert done
    assert count(store) == count(store, "request") == done
    with pytest.raises(StoreFull):
        commit(store, ada, "page", page["page"], cells[:3])
    assert count(store) == count(store, "request") == done
    db.execute("PRAGMA max_page_count = 100000")
    commit(store, ada, "page", page["page"], cells[:3])
    assert count(store) == done + 48


def test_answers_from_elsewhere_are_many(store):
    facts = add_round(store, offers=400)
    (ada,) = people(store)
    store._connection().setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 99)
    given = [Answer(c, "fp") for c in facts]
    found = adopt(store, ada, "r", given)
    assert len(found["answers"]) == len(facts)
    assert adopt(store, ada, "r", given) == found
    assert verdicts(store) == dict.fromkeys(facts, "fp")
    # They are no click of somebody that could be taken back.
    assert undo(store, ada, "u")["answers"] == []
    with pytest.raises(ValueError, match="candidate=99999"):
        adopt(store, ada, "r2", [Answer(1, "tp"), Answer(99999, "tp")])
    assert verdicts(store) == dict.fromkeys(facts, "fp")
