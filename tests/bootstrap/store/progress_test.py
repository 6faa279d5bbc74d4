from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import progress
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import unsynced


def test_counts_of_a_round(tmp_path):
    store = unsynced(new_store(tmp_path))
    assert progress(store)["round"] is None
    assert progress(store)["classes"] == []
    facts = add_round(store, gold=3, rates={0: 0.2})
    ada, bob = people(store, "Ada", "Bob")
    asked = {
        k: [
            c
            for c, row in sorted(facts.items())
            if row["class"] == k and row["kind"] == "offer"
        ]
        for k in (0, 1)
    }
    adopt(
        store, ada, "a",
        [Answer(asked[0][0], "tp"), Answer(asked[0][1], "fp")]
        + [Answer(asked[0][2], "unsure"), Answer(asked[0][3], "skip")]
        + [Answer(c, "bad") for c in asked[1]],
    )  # fmt: skip
    adopt(store, bob, "b", [Answer(asked[0][0], "fp")])
    found = progress(store)
    assert found["round"] == 1
    first, second = found["classes"]
    empty = dict.fromkeys(
        ("open", "conflict", "tp", "fp", "unsure", "skip", "bad", "dup"), 0
    )
    assert first == {
        **empty, "class": 0, "name": "class 0", "total": 6, "open": 3,
        "conflict": 1, "fp": 1, "unsure": 1, "expected": 10 * 0.2 / 11,
    }  # fmt: skip
    assert second == {
        **empty, "class": 1, "name": "class 1", "total": 6, "bad": 6,
        "expected": 0.5,
    }  # fmt: skip
    assert found["total"] == 12
    assert found["bad"] == 6
    add_round(store, 2)
    assert progress(store)["open"] == 12
    assert {**progress(store, 1), "classes": []} == {**found, "classes": []}
    store.close()
