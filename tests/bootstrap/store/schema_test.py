import sqlite3

import pytest

from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import schema
from fgkeras.bootstrap.store import undo
from fgkeras.bootstrap.store.answers import adopt
from tests.bootstrap.store.projects import add_images
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    add_round(store, gold=1)
    yield store
    store.close()


def write(store, statement, *values):
    with store.writing() as db:
        db.execute(statement, values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET verdict = 'tp'",
        "UPDATE decision SET time = '' WHERE id = 1",
        "DELETE FROM decision",
        "DELETE FROM decision WHERE id = 1",
    ],
)
def test_decisions_are_for_good(store, statement):
    (ada,) = people(store)
    adopt(store, ada, "r", [Answer(1, "fp")])
    before = rows_of(store, "SELECT * FROM decision")
    with pytest.raises(sqlite3.IntegrityError, match="decisions are never"):
        write(store, statement)
    assert rows_of(store, "SELECT * FROM decision") == before


def test_numbers_of_decisions_are_not_used_again(store):
    (ada,) = people(store)
    adopt(store, ada, "r", [Answer(1, "fp")])
    undo(store, ada, "u")
    names = [r[0] for r in rows_of(store, "SELECT name FROM sqlite_sequence")]
    assert names == ["decision"]


@pytest.mark.parametrize(
    "row",
    [
        {"verdict": "maybe"},
        {"verdict": "undo"},
        {"verdict": "tp", "instead": 1},
        {"mode": "guess"},
        {"candidate": 10**6},
        {"labeller": 99},
        {"instead": 99},
        {"request": 99},
        {"place": 0},
    ],
)
def test_a_decision_that_is_none_is_refused(store, row):
    (ada,) = people(store)
    adopt(store, ada, "r", [Answer(1, "fp")])
    row = {
        "candidate": 1, "labeller": ada, "verdict": "fp", "time": "",
        "mode": "card", "request": 1, "place": 5, **row,
    }  # fmt: skip
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    with pytest.raises(sqlite3.IntegrityError):
        write(
            store,
            f"INSERT INTO decision ({names}) VALUES ({marks})",
            *row.values(),
        )


def test_an_image_is_asked_about_once_a_round(store):
    (image,) = add_images(store, "pool", 1)
    insert = (
        "INSERT INTO candidate (round, image, class, rank, kind, truth) "
        "VALUES (1, ?, 0, 0, ?, ?)"
    )
    write(store, insert, image, "offer", None)
    for kind, truth in (("offer", None), ("gold", None), ("audit", "tp")):
        with pytest.raises(sqlite3.IntegrityError):
            write(store, insert, image, kind, truth)


def test_verdicts_and_modes_are_those_of_the_tables(store):
    text = rows_of(
        store, "SELECT sql FROM sqlite_master WHERE name = 'decision'"
    )[0][0]
    for name in (*schema.VERDICTS, schema.UNDO, *schema.MODES):
        assert f"'{name}'" in text
