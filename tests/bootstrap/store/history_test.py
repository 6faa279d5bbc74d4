import pytest

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import history
from fgkeras.bootstrap.store import labeller_facts
from fgkeras.bootstrap.store import labellers
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import undo
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def test_the_last_comes_first(store):
    facts = add_round(store, offers=20)
    (ada,) = people(store)
    given = []
    for i in range(20):
        (cell,) = next_cards(store, ada)
        given.append(cell["candidate"])
        decide(store, ada, str(i), Answer(given[-1], "fp", None, 100 * i))
    undo(store, ada, "u")
    decide(store, ada, "again", Answer(given[3], "tp"))
    found = history(store, ada)
    assert [row["candidate"] for row in found] == [given[3], *given[::-1]]
    standing = [row["stands"] for row in found]
    assert standing == [True, False] + [True] * 15 + [False] + [True] * 3
    assert found[0]["class"] == facts[given[3]]["class"]
    # Page by page it is the same.
    pages, before = [], None
    while rows := history(store, ada, 6, before):
        pages += rows
        before = rows[-1]["decision"]
    assert pages == found
    assert history(store, ada, 5, 0) == []
    told = labeller_facts(store, ada)
    assert told["decisions"] == 19
    assert told["verdicts"] == {"tp": 1, "fp": 18}
    assert told["median_ms"] == 950
    assert labellers(store) == [ada]


def test_agreement_counts_what_both_answered(store):
    facts = add_round(store, wanted=3, gold=2)
    ada, bob, cem = people(store, "Ada", "Bob", "Cem")
    one, two, three, four = [
        c for c in sorted(facts) if facts[c]["kind"] != "gold"
    ][:4]
    gold = [c for c in facts if facts[c]["kind"] == "gold"]
    adopt(
        store, ada, "a",
        [Answer(c, "tp") for c in (one, two, three, *gold)]
        + [Answer(four, "skip")],
    )  # fmt: skip
    adopt(
        store, bob, "b",
        [Answer(one, "tp"), Answer(two, "fp"), Answer(four, "fp")]
        + [Answer(c, "tp") for c in gold],
    )  # fmt: skip
    adopt(store, cem, "c", [Answer(three, "skip"), Answer(four, "fp")])
    told = {p: labeller_facts(store, p) for p in (ada, bob, cem)}
    assert [(t["shared"], t["agreed"]) for t in told.values()] == [
        (2, 1),
        (3, 2),
        (1, 1),
    ]
    assert told[ada]["verdicts"] == {"tp": 3, "skip": 1}
    assert told[ada]["decisions"] == 4 + 4


def test_a_labeller_is_one_of_the_project(store):
    with pytest.raises(ValueError, match="labeller=5"):
        labeller_facts(store, 5)
