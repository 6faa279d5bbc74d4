import concurrent.futures

import pytest

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Paused
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.cards import expected_rate
from tests.bootstrap.store.projects import Clock
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import candidates_of
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    store = unsynced(new_store(tmp_path, clock=clock))
    yield store
    store.close()


def given(store, person, count=1, **more):
    return [c["candidate"] for c in next_cards(store, person, count, **more)]


def answered(store, person, verdict="fp", **more):
    """Answers one card; returns the candidate, or `None` at the end."""
    cards = given(store, person, **more)
    if not cards:
        return None
    request = f"{person}/{cards[0]}/{store.clock()}/{verdict}"
    decide(store, person, request, Answer(cards[0], verdict))
    return cards[0]


def test_a_card_says_nothing_of_scores_and_votes(store):
    add_round(store, gold=4, gold_rate=0.5, wanted=2)
    ada, bob = people(store, "Ada", "Bob")
    for i, cell in enumerate(next_cards(store, ada, 8)):
        decide(store, ada, str(i), Answer(cell["candidate"], "tp"))
    seen = {frozenset(cell) for cell in next_cards(store, bob, 8)}
    keys = {"candidate", "class", "rival", "width", "height"}
    assert seen == {frozenset(keys)}
    page = next_page(store, bob, 3)
    assert set(page) == {"page", "class", "mark", "cells"}
    assert {frozenset(cell) for cell in page["cells"]} == {frozenset(keys)}


def test_a_reload_shows_the_same(store, clock):
    facts = add_round(store)
    (ada,) = people(store)
    first = given(store, ada, 3)
    assert [facts[c]["rank"] for c in first] == [0, 1, 2]
    assert given(store, ada, 3) == first
    assert given(store, ada, 2) == first[:2]
    assert given(store, ada, 4)[:3] == first
    # Who is at work keeps what is handed out.
    for _ in range(3):
        clock.pass_by(500)
        assert given(store, ada, 3) == first


def test_what_was_abandoned_goes_to_others(store, clock):
    add_round(store, classes=(0,))
    ada, bob = people(store, "Ada", "Bob")
    assert len(given(store, ada, 6)) == 6
    assert given(store, bob) == []
    clock.pass_by(599)
    assert given(store, bob) == []
    clock.pass_by(21)
    assert len(given(store, bob, 6)) == 6
    assert given(store, ada) == []
    page = next_page(store, bob, 6)
    assert page is None
    clock.pass_by(601)
    page = next_page(store, bob, 6)
    clock.pass_by(1799)
    assert given(store, ada) == []
    clock.pass_by(21)
    assert len(given(store, ada, 6)) == len(page["cells"]) == 6


@pytest.mark.parametrize("wanted", [1, 2])
def test_each_goes_to_so_many_people(store, clock, wanted):
    facts = add_round(store, wanted=wanted)
    persons = people(store, "Ada", "Bob", "Cem")
    seen = []
    for _ in range(40):
        for person in persons:
            found = answered(store, person)
            if found:
                seen.append((found, person))
        clock.pass_by(21)
    assert len(set(seen)) == len(seen) == wanted * len(facts)
    assert {row["state"] for row in candidates_of(store).values()} == {
        "settled"
    }


def test_many_at_once_get_different_ones(store):
    add_round(store, offers=40)
    persons = people(store, *"ABCDEFGH")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda p: given(store, p, 5), persons))
    given_out = sum(found, [])
    assert len(set(given_out)) == len(given_out) == 40


def test_people_begin_at_different_classes(store):
    facts = add_round(store)
    ada, bob = people(store, "Ada", "Bob")
    classes = [facts[given(store, p)[0]]["class"] for p in (ada, bob)]
    assert sorted(classes) == [0, 1]
    # One class is finished before the next begins.
    seen = [facts[answered(store, ada)]["class"] for _ in range(6)]
    assert seen == [classes[0]] * 6
    assert facts[given(store, ada)[0]]["class"] == classes[1]


def test_what_is_given_back_lies_before_the_cursor(store, clock):
    add_round(store, classes=(0,))
    ada, bob = people(store, "Ada", "Bob")
    page = next_page(store, ada, 3)
    left = [cell["candidate"] for cell in page["cells"]]
    mine = [answered(store, bob) for _ in range(3)]
    assert None not in mine
    assert answered(store, bob) is None
    commit(store, ada, "left", page["page"], [], left=left)
    # A class that had nothing is asked again after a while, or by name.
    assert answered(store, bob) is None
    assert answered(store, bob, of_class=0) == left[0]
    clock.pass_by(21)
    assert [answered(store, bob) for _ in range(3)] == [*left[1:], None]


@pytest.mark.parametrize("skip", ["others", "me", "drop"])
def test_what_is_skipped(store, clock, skip):
    facts = add_round(store, classes=(0,), skip=skip, offers=3)
    ada, bob = people(store, "Ada", "Bob")
    first = answered(store, ada, "skip")
    rest = [answered(store, ada), answered(store, ada)]
    assert {first, *rest} == set(facts)
    clock.pass_by(21)
    if skip == "me":
        assert given(store, ada) == [first]
        clock.pass_by(601)
        answered(store, ada, "tp")
        assert candidates_of(store)[first]["outcome"] == "tp"
        return
    assert given(store, ada) == []
    if skip == "drop":
        assert given(store, bob) == []
        assert candidates_of(store)[first]["outcome"] == "skip"
    else:
        assert given(store, bob) == [first]


def test_a_page_is_of_one_class_in_order(store):
    facts = add_round(store, gold=3, gold_rate=0.5, audits=2)
    (ada,) = people(store)
    page = next_page(store, ada, 60)
    rows = [facts[cell["candidate"]] for cell in page["cells"]]
    assert {row["class"] for row in rows} == {page["class"]}
    ranks = [row["rank"] for row in rows]
    assert ranks == sorted(ranks)
    assert {row["kind"] for row in rows} == {"offer", "audit", "gold"}
    again = next_page(store, ada, 5)
    assert again == page
    other = next_page(store, ada, 5, of_class=1 - page["class"])
    assert other["class"] == 1 - page["class"]


@pytest.mark.parametrize(
    ("rate", "mark"), [(0.05, "right"), (0.4999, "right"), (0.5, "wrong")]
)
def test_the_few_are_marked(store, rate, mark):
    add_round(store, rates={0: rate})
    (ada,) = people(store)
    page = next_page(store, ada, of_class=0)
    assert page["mark"] == mark
    cells = [cell["candidate"] for cell in page["cells"]]
    commit(store, ada, "r", page["page"], cells[:1])
    outcomes = [candidates_of(store)[c]["outcome"] for c in cells]
    good, rest = ("tp", "fp") if mark == "right" else ("fp", "tp")
    assert outcomes == [good] + [rest] * 5
    tp = outcomes.count("tp")
    with store.reading() as db:
        assert expected_rate(db, 1, 0) == pytest.approx(
            (10 * rate + tp) / (10 + 6)
        )


@pytest.mark.parametrize("size", [0, 61, -1])
def test_a_page_has_a_size(store, size):
    (ada,) = people(store)
    with pytest.raises(ValueError, match=f"size={size}"):
        next_page(store, ada, size)


def test_who_is_nobody_or_paused_gets_nothing(store):
    add_round(store)
    (ada,) = people(store)
    with store.writing() as db:
        db.execute("UPDATE labeller SET paused = 'Talk to Bob.'")
    for ask in (next_cards, next_page):
        with pytest.raises(Paused, match="Talk to Bob"):
            ask(store, ada)
        with pytest.raises(ValueError, match="labeller=9"):
            ask(store, 9)


def test_without_a_round_there_is_nothing(store):
    (ada,) = people(store)
    assert next_cards(store, ada) == []
    assert next_page(store, ada) is None


def test_a_clock_that_is_set_back_keeps_nobody_waiting(tmp_path):
    now = [1e9]
    store = Store(tmp_path / FILE, create=True, clock=lambda: now[0])
    with store.writing() as db:
        db.execute("INSERT INTO class VALUES (0, 'elm', '')")
        db.execute(
            "INSERT INTO image (id, origin, name, sha256) "
            "VALUES (0, 'pool', 'a.jpg', '0')"
        )
    open_round(store, 1, {}, [Candidate(0, 0, None, 0.9, None, 0)])
    ada, bob = (Labellers(store).add(name) for name in ("Ada", "Bob"))
    (card,) = next_cards(store, ada)
    assert next_cards(store, bob) == []  # Rests, since Ada has it.
    with store.writing() as db:
        db.execute("DELETE FROM lease")
    assert next_cards(store, bob) == []
    now[0] -= 3600
    assert next_cards(store, bob) == [card]
