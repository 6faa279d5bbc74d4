import pytest

from fgkeras.bootstrap.page import shown_counts
from fgkeras.bootstrap.page.shown_counts import left_note
from fgkeras.bootstrap.page.shown_counts import shown_open
from fgkeras.bootstrap.page.shown_counts import shown_progress
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import progress
from tests.bootstrap.page.project import Project
from tests.bootstrap.page.project import decide as decided
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import candidates_of
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def open_of(store, person, of_class=None):
    with store.reading() as db:
        return sum(shown_open(db, person, of_class).values())


def work(store, person, verdict="tp"):
    """Answers all; yields each with the numbers before and after."""
    before = open_of(store, person), shown_progress(store, person)
    known = candidates_of(store)
    while cards := next_cards(store, person):
        number = cards[0]["candidate"]
        decide(store, person, f"{person}-{number}", Answer(number, verdict))
        after = open_of(store, person), shown_progress(store, person)
        yield known[number], before, after
        before = after


@pytest.mark.parametrize("verdict", ["tp", "fp", "unsure", "skip"])
@pytest.mark.parametrize("wanted", [1, 2])
@pytest.mark.parametrize("skip", ["others", "drop"])
def test_each_answer_moves_the_numbers_alike(store, verdict, wanted, skip):
    add_round(
        store, offers=30, gold=20, classes=(0, 1), gold_rate=0.25,
        wanted=wanted, skip=skip,
    )  # fmt: skip
    (ada,) = people(store)
    kinds: dict = {}
    for row, before, after in work(store, ada, verdict):
        one, other = before[1], after[1]
        # The last of a class takes its unused gold along.
        if other["classes"][row["class"]]["open"]:
            assert after[0] == other["open"]
            moves = [other[k] - one[k] for k in ("total", "open", verdict)] + [
                after[0] - before[0]
            ]
            kinds.setdefault(row["kind"], set()).add(tuple(moves))
    assert set(kinds) == {"offer", "gold"}
    assert kinds["offer"] == kinds["gold"]
    (moves,) = kinds["gold"]
    # Somebody's answers lower what is left for them, and no more.
    assert (moves[0], moves[1], moves[3]) == (0, -1, -1)


def test_what_is_skipped_and_comes_again_is_left(store):
    add_round(store, offers=3, classes=(0,), gold=3, gold_rate=0.5, skip="me")
    (ada,) = people(store)
    before = open_of(store, ada)
    for kind in ("offer", "gold"):
        for _ in range(40):
            number = next_cards(store, ada)[0]["candidate"]
            if candidates_of(store)[number]["kind"] == kind:
                break
            decide(store, ada, f"{kind}{_}", Answer(number, "skip"))
        decide(store, ada, kind, Answer(number, "skip"))
        assert open_of(store, ada) == before


def test_gold_that_is_never_handed_out_counts_nowhere(store):
    add_round(store, offers=6, gold=20)
    (ada,) = people(store)
    assert open_of(store, ada) == 12
    assert shown_progress(store, ada) == progress(store)


def test_of_many_there_are_full_tens(store, monkeypatch):
    monkeypatch.setattr(shown_counts, "_FEW", 20)
    add_round(store, offers=33, gold=6, gold_rate=0.2, classes=(0,))
    (ada,) = people(store)
    assert open_of(store, ada) == 40
    # No more is open than there is.
    assert shown_progress(store, ada)["open"] == 33
    moves: dict = {}
    for row, before, after in work(store, ada):
        if before[0] >= 30 and after[0] >= 30:
            moves.setdefault(row["kind"], []).append(after[0] - before[0])
    assert set(moves["gold"]) == {0}
    assert moves["offer"].count(-10) == 1
    assert moves["offer"].count(0) == len(moves["offer"]) - 1
    assert open_of(store, ada) == 0


def test_pages_count_as_cards_do(store):
    add_round(store, offers=40, gold=10, classes=(0,), gold_rate=0.2)
    (ada,) = people(store)
    before = open_of(store, ada)
    page = next_page(store, ada, 24)
    commit(store, ada, "p", page["page"], [])
    assert open_of(store, ada) == before - 24


def test_who_is_alone_is_told_what_to_do(store):
    add_round(store, offers=3, classes=(0,))
    ada, bob = people(store, "Ada", "Bob")

    def note(person=ada):
        with store.reading() as db:
            return left_note(db, person)

    first, second, third = (
        card["candidate"] for card in next_cards(store, ada, 3)
    )
    assert note() == "What is left is with others."
    decide(store, ada, "1", Answer(first, "skip"))
    decide(store, ada, "2", Answer(second, "skip"))
    decide(store, ada, "3", Answer(third, "tp"))
    assert next_cards(store, ada) == []
    assert open_of(store, ada) == 0
    assert note().startswith("2 skipped, and nobody else labels.")
    for words in (
        "fgkeras bootstrap invite", "history", "fgkeras bootstrap apply"
    ):  # fmt: skip
        assert words in note()
    # Once somebody else labels, what is left may be with them.
    (card,) = next_cards(store, bob)
    decide(store, bob, "4", Answer(card["candidate"], "skip"))
    assert note() == "What is left is with others."
    decide(store, bob, "5", Answer(first, "tp"))
    (card,) = next_cards(store, bob)
    decide(store, bob, "6", Answer(card["candidate"], "tp"))
    assert note() == ""


@pytest.mark.parametrize("path", ["/api/cards", "/api/page"])
def test_the_page_says_that_a_second_person_is_wanted(tmp_path, path):
    project = Project(tmp_path, wanted=2, names=("elm", "oak"), per_class=3)
    client = project.client()
    cards = client.get("/api/cards?count=24").json()
    assert "note" not in cards
    for card in cards["cards"]:
        decided(client, card["candidate"])
    found = client.get(path).json()
    assert found["open"] == 0
    assert found["note"].startswith("6 wait for a second person, and nobody")
    assert "history" not in found["note"]
    assert found["note"] in client.get("/").text
