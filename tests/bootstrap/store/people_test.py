import concurrent.futures

import pytest

from fgkeras.bootstrap.store import Labellers
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def test_a_person_is_added_once(store):
    people = Labellers(store)
    assert people.add("Ada") == people.add(" Ada ")
    assert people.add("Bob") != people.add("Ada")
    assert people.name(people.add("Bob")) == "Bob"
    assert people.name(99) is None
    assert people.paused(99) == ""


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 81, "\x1b[31m"])
def test_a_name_can_be_printed(store, name):
    with pytest.raises(ValueError, match="1 to 80 printable"):
        Labellers(store).add(name)
    assert Labellers(store).add("x" * 80)
    assert Labellers(store).add("<b>Zoë</b>")


def test_a_link_works_once(store, tmp_path):
    people = Labellers(store)
    token = people.invite("Ada")
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        found = [pair for pair in pool.map(people.redeem, [token] * 6) if pair]
    assert len(found) == 1
    person, cookie = found[0]
    again = new_store(tmp_path)
    assert Labellers(again).person_of(cookie) == person
    assert Labellers(again).redeem(token) is None
    again.close()
    for strange in ("", "made up", cookie + "x", "\ud800"):
        assert people.person_of(strange) is None
        assert people.redeem(strange) is None
    # Another link of the same person is another browser.
    other, second = people.redeem(people.invite("Ada"))
    assert other == person
    assert second != cookie
    assert people.person_of(cookie) == person


def test_the_store_holds_no_secret(store):
    people = Labellers(store)
    token = people.invite("Ada")
    _, cookie = people.redeem(token)
    kept = "".join(
        str(row)
        for table in ("link", "session", "labeller", "setting")
        for row in rows_of(store, f"SELECT * FROM {table}")
    )
    assert token not in kept
    assert cookie not in kept
