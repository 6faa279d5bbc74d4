import pytest

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import Paused
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import round_sets
from fgkeras.bootstrap.store.answers import adopt
from fgkeras.bootstrap.store.gold import gold_counts
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


def gold_of(facts):
    return [c for c, row in facts.items() if row["kind"] == "gold"]


def answer_gold(store, person, facts, right, wrong, name="gold"):
    """Answers so many known pictures rightly and wrongly."""
    left = [
        c
        for c in gold_of(facts)
        if not any(c in known for known in answer_gold.done)
    ][: right + wrong]
    assert len(left) == right + wrong
    other = {"tp": "fp", "fp": "tp"}
    given = [
        Answer(c, facts[c]["truth"] if i < right else other[facts[c]["truth"]])
        for i, c in enumerate(left)
    ]
    adopt(store, person, f"{name}{person}", given)
    answer_gold.done.append(set(left))


@pytest.fixture(autouse=True)
def nothing_done():
    answer_gold.done = []


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_a_share_of_what_is_served_is_known(store, rate):
    facts = add_round(
        store, offers=9600, gold=int(10_000 * rate) + 300, classes=(0,),
        gold_rate=rate,
    )  # fmt: skip
    (ada,) = people(store)
    kinds = []
    while len(kinds) < 10_000:
        page = next_page(store, ada, 60)
        if page is None:
            break
        cells = [cell["candidate"] for cell in page["cells"]]
        kinds += [facts[c]["kind"] for c in cells]
        with store.writing() as db:  # Answered, in no time.
            db.executemany(
                "DELETE FROM lease WHERE candidate = ?", [(c,) for c in cells]
            )
            db.executemany(
                "UPDATE candidate SET state = 'settled' WHERE id = ? "
                "AND kind <> 'gold'",
                [(c,) for c in cells],
            )
            db.executemany(
                "UPDATE candidate SET kind = 'offer', truth = NULL, "
                "state = 'settled' WHERE id = ? AND kind = 'gold'",
                [(c,) for c in cells],
            )
    assert len(kinds) >= 9_600
    share = kinds.count("gold") / len(kinds)
    assert abs(share - rate) < 0.01


def test_known_pictures_are_served_once_each_and_never_alone(store):
    facts = add_round(store, classes=(0,), gold=5, gold_rate=0.5, offers=30)
    (ada,) = people(store)
    seen = []
    while cards := next_cards(store, ada):
        seen.append(cards[0]["candidate"])
        decide(store, ada, str(len(seen)), Answer(seen[-1], "tp"))
    assert len(set(seen)) == len(seen)
    assert 0 < len(set(seen) & set(gold_of(facts))) <= 5
    # The others come in their order, whatever stands between them.
    ranks = [facts[c]["rank"] for c in seen if facts[c]["kind"] != "gold"]
    assert ranks == list(range(30))
    assert next_page(store, ada) is None


def test_known_pictures_are_in_no_set(store):
    facts = add_round(store, classes=(0,), gold=5, gold_rate=0.5)
    ada, bob = people(store, "Ada", "Bob")
    for person in (ada, bob):
        adopt(store, person, f"r{person}", [Answer(c, "fp") for c in facts])
    gold = {facts[c]["image"] for c in gold_of(facts)}
    with store.reading() as db:
        found = round_sets(db, 1)
        inside, outside = accepted_and_rejected(db)
    assert found.offered == len(found.wrong) == 6
    assert not gold & {m.image for m in (*found.right, *found.wrong)}
    assert not gold & {m.image for m in outside}
    assert {m.round for m in inside} == {0}
    rows = candidates_of(store)
    assert {rows[c]["state"] for c in gold_of(facts)} == {"open"}


@pytest.mark.parametrize(
    ("right", "wrong", "paused"),
    [
        (16, 4, False),
        (15, 5, True),
        (0, 19, False),
        (0, 20, True),
        (24, 6, False),
        (23, 7, True),
    ],
)
def test_who_answers_badly_is_paused(store, right, wrong, paused):
    facts = add_round(store, gold=20)
    ada, bob = people(store, "Ada", "Bob")
    answer_gold(store, ada, facts, right, wrong)
    with store.reading() as db:
        assert gold_counts(db, ada) == (right, right + wrong)
        assert gold_counts(db, bob) == (0, 0)
    assert bool(Labellers(store).paused(ada)) == paused
    assert not Labellers(store).paused(bob)
    told = labeller_facts(store, ada)
    assert (told["gold_right"], told["gold_answered"]) == (right, right + wrong)
    if paused:
        with pytest.raises(Paused, match=f"{right} of {right + wrong}"):
            next_cards(store, ada)


def test_unsure_is_neither_right_nor_wrong(store):
    facts = add_round(store, gold=20)
    (ada,) = people(store)
    adopt(store, ada, "r", [Answer(c, "unsure") for c in gold_of(facts)])
    assert not Labellers(store).paused(ada)


def test_who_goes_on_is_counted_anew(store):
    facts = add_round(store, gold=30)
    (ada,) = people(store)
    answer_gold(store, ada, facts, 0, 20)
    labellers = Labellers(store)
    assert labellers.paused(ada)
    labellers.resume("Ada")
    assert not labellers.paused(ada)
    answer_gold(store, ada, facts, 0, 19, "more")
    assert not labellers.paused(ada)
    answer_gold(store, ada, facts, 0, 1, "last")
    assert labellers.paused(ada)
    with pytest.raises(ValueError, match="name='Eve'"):
        labellers.resume("Eve")


def commit_page(store, person, name, marked=1):
    page = next_page(store, person, 6)
    cells = [cell["candidate"] for cell in page["cells"]]
    commit(store, person, name, page["page"], cells[:marked])
    return cells


def test_what_was_left_unmarked_is_looked_at_again(store):
    facts = add_round(store, gold=20, offers=12, rates={0: 0.1, 1: 0.1})
    ada, bob = people(store, "Ada", "Bob")
    cells = commit_page(store, ada, "page")
    card = next_cards(store, ada)[0]["candidate"]
    decide(store, ada, "card", Answer(card, "fp"))
    page = next_page(store, ada, 6)
    late = [cell["candidate"] for cell in page["cells"]]
    answer_gold(store, ada, facts, 0, 20)
    rows = candidates_of(store)
    assert rows[cells[0]]["state"] == rows[card]["state"] == "settled"
    assert {rows[c]["state"] for c in cells[1:]} == {"open"}
    assert {rows[c]["wanted"] for c in cells[1:]} == {2}
    # A page that was under way is kept, and looked at again too.
    commit(store, ada, "late", page["page"], late[:1])
    rows = candidates_of(store)
    assert rows[late[0]]["state"] == "settled"
    assert {rows[c]["state"] for c in late[1:]} == {"open"}
    # Another person's answer is enough: no third one is asked.
    adopt(store, bob, "bob", [Answer(c, "fp") for c in (*cells, *late)])
    answer_gold(store, ada, facts, 0, 1, "once more")
    rows = candidates_of(store)
    assert {rows[c]["outcome"] for c in (*cells[1:], *late[1:])} == {"fp"}
