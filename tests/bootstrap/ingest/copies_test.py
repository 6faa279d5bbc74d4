import numpy as np
import pytest
from PIL import Image

from fgkeras.bootstrap.ingest import ingest
from fgkeras.bootstrap.ingest import mark_copies
from tests.bootstrap.ingest.ingest_test import photo
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import rows_of
from tests.bootstrap.store.projects import unsynced
from tests.data.pictures import encoded


def mirrored(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


WAYS = {
    "exact": lambda image: encoded(image, quality=95),
    "resaved": lambda image: encoded(image, quality=40),
    "png": lambda image: encoded(image, "PNG"),
    "smaller": lambda image: encoded(image.resize((60, 45))),
    "larger": lambda image: encoded(image.resize((300, 225))),
    "mirrored": lambda image: encoded(mirrored(image)),
    "all": lambda image: encoded(mirrored(image).resize((70, 52)), quality=50),
}


class Pictures:
    """Just so much of a source as is looked at."""

    spec = "pictures"

    def __init__(self, files):
        self.files = files
        self.ids = list(files)
        self.labels = np.full(len(files), -1)
        self.columns = {}

    def __len__(self):
        return len(self.ids)

    def read(self, name):
        return self.files[name]


def given(store, **origins):
    for origin, files in origins.items():
        some = Pictures(files)
        ingest(store, some, origin, some)


def states(store, origin="pool"):
    return dict(
        rows_of(store, "SELECT name, state FROM image WHERE origin = ?", origin)
    )


@pytest.fixture
def store(tmp_path):
    store = unsynced(new_store(tmp_path))
    yield store
    store.close()


def originals(count, start=0):
    return {
        f"{i}": encoded(photo(i), quality=95)
        for i in range(start, start + count)
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("origin", "state"),
    [("pool", "duplicate"), ("seed", "duplicate"), ("test", "leak")],
)
def test_a_copy_is_found_and_nothing_else(store, way, origin, state):
    copy = {"copy": WAYS[way](photo(3))}
    if origin == "pool":
        given(store, pool={**originals(8), **copy})
    else:
        given(store, pool={**originals(8, 50), **copy})
        given(store, **{origin: originals(8)})
    found = mark_copies(store)
    other = {n: s for n, s in states(store).items() if n != "copy"}
    assert states(store)["copy"] == state
    assert set(other.values()) == {"in"}
    assert found == {
        "duplicates": int(state == "duplicate"),
        "leaks": int(state == "leak"),
        "seed_leaks": 0,
    }
    ((reason, name, like),) = rows_of(
        store,
        "SELECT i.reason, o.name, o.origin FROM image AS i "
        "JOIN image AS o ON o.id = i.same_as WHERE i.state <> 'in'",
    )
    assert (name, like) == ("3", origin)
    bytes_too = way == "exact"
    assert reason.startswith("same bytes" if bytes_too else "looks the same")
    # Once more it finds nothing new.
    assert mark_copies(store) == found


@pytest.mark.parametrize("way", WAYS)
def test_what_is_tested_on_is_nowhere_else(store, way):
    given(
        store,
        seed={"s": WAYS[way](photo(1)), **originals(2, 10)},
        pool={"p": WAYS[way](photo(1)), "q": WAYS["png"](photo(1))},
        test=originals(3),
    )
    found = mark_copies(store)
    assert set(states(store, "test").values()) == {"in"}
    assert states(store, "seed") == {"s": "leak", "10": "in", "11": "in"}
    assert "in" not in states(store).values()
    assert found["seed_leaks"] == 1
    assert found["leaks"] + found["duplicates"] == 2


def test_a_seed_keeps_its_own_copies(store):
    given(
        store,
        seed={"a": WAYS["exact"](photo(1)), "b": WAYS["resaved"](photo(1))},
        pool={"c": WAYS["exact"](photo(1)), "d": WAYS["all"](photo(1))},
        negative={"e": WAYS["exact"](photo(1))},
    )
    mark_copies(store)
    assert states(store, "seed") == {"a": "in", "b": "in"}
    assert states(store, "negative") == {"e": "in"}
    assert states(store) == {"c": "duplicate", "d": "duplicate"}


def test_one_of_many_copies_stays(store):
    given(store, pool={way: WAYS[way](photo(5)) for way in WAYS})
    found = mark_copies(store)
    assert list(states(store).values()).count("in") == 1
    assert found["duplicates"] == len(WAYS) - 1
    assert states(store)["exact"] == "in"


def test_what_was_refused_is_no_copy(store):
    given(store, pool={"a": b"", "b": b"", "c": b"text", "d": b"text"})
    assert mark_copies(store) == {
        "duplicates": 0,
        "leaks": 0,
        "seed_leaks": 0,
    }
    assert set(states(store).values()) == {"refused"}


def test_an_empty_project_has_none(store):
    assert sum(mark_copies(store).values()) == 0
