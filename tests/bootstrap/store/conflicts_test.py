import pytest

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import conflicts
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


def test_the_riskiest_come_first(store):
    facts = add_round(store, wanted=2, gold=2)
    ada, bob, cem = people(store, "Ada", "Bob", "Cem")
    asked = sorted(c for c in facts if facts[c]["kind"] == "offer")
    gold = [c for c in facts if facts[c]["kind"] == "gold"]
    one, two, three, agreed, renamed = asked[:5]
    adopt(
        store, ada, "a",
        [Answer(c, "tp") for c in (one, two, three, agreed, *gold)]
        + [Answer(renamed, "fp", 2)],
    )  # fmt: skip
    adopt(
        store, bob, "b",
        [Answer(c, "fp", 2) for c in (one, two, three)]
        + [Answer(agreed, "tp"), Answer(renamed, "fp")]
        + [Answer(c, "fp") for c in gold],
    )  # fmt: skip
    adopt(store, cem, "c", [Answer(one, "skip")])
    with store.writing() as db:
        for candidate, risk in ((two, 0.2), (three, 0.4)):
            db.execute(
                "UPDATE candidate SET risk = ? WHERE id = ?",
                (risk, candidate),
            )
    found = conflicts(store)
    assert [c["candidate"] for c in found] == [three, two, one]
    assert [c["risk"] for c in found] == [0.4, 0.2, None]
    assert found[2]["votes"] == [
        {"labeller": "Ada", "verdict": "tp", "instead": None},
        {"labeller": "Bob", "verdict": "fp", "instead": 2},
    ]
    assert (found[0]["width"], found[0]["height"]) == (40, 30)
    assert [c["candidate"] for c in conflicts(store, 1)] == [three]
    # Those of a round that has passed are still there to be asked for.
    add_round(store, 2)
    assert conflicts(store) == []
    assert conflicts(store, number=1) == found
