import numpy as np

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Store
from fgkeras.jobs.bootstrapping.vector_copies import mark_vector_copies


def units(count, seed):
    vectors = np.random.default_rng(seed).normal(size=(count, 32))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_copies_and_leaks_are_marked_once(tmp_path):
    store = Store(tmp_path / FILE, create=True)
    with store.writing() as db:
        db.executemany(
            "INSERT INTO image (id, origin, name, sha256) VALUES (?, ?, ?, ?)",
            [(i, "pool", f"{i}", f"{i:064x}") for i in range(12)]
            + [(20, "seed", "s", "a" * 64), (30, "test", "t", "b" * 64)],
        )
    vectors = units(12, 0)
    seed, test = units(1, 1), units(1, 2)
    vectors[3], vectors[5] = test[0], seed[0]
    vectors[9] = vectors[2]
    vectors[11] = test[0]  # Of a test image, whatever else it is like.
    found = {"image": np.arange(12), "body": vectors}
    known = {"image": np.array([20]), "body": seed}
    tests = [{"image": np.array([30]), "body": test}]
    copied, leaked = mark_vector_copies(store, found, known, tests, 0.99)
    assert np.flatnonzero(leaked).tolist() == [3, 11]
    assert np.flatnonzero(copied).tolist() == [5, 9]
    with store.reading() as db:
        rows = db.execute(
            "SELECT id, state, same_as FROM image WHERE state <> 'in' "
            "ORDER BY id"
        ).fetchall()
    assert [tuple(row) for row in rows] == [
        (3, "leak", 30),
        (5, "duplicate", 20),
        (9, "duplicate", 2),
        (11, "leak", 30),
    ]


def test_no_limit_marks_none(tmp_path):
    store = Store(tmp_path / FILE, create=True)
    found = {"image": np.arange(2), "body": np.ones((2, 3)) / 3**0.5}
    copied, leaked = mark_vector_copies(store, found, found, [], 0.0)
    assert not copied.any()
    assert not leaked.any()
