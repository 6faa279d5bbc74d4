import multiprocessing
import pathlib
import sqlite3
import subprocess
import threading

import pytest

from fgkeras.bootstrap.store import FILE
from fgkeras.bootstrap.store import Answer
from fgkeras.bootstrap.store import Store
from fgkeras.bootstrap.store import StoreFull
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import schema
from fgkeras.bootstrap.store.store import refuse_remote
from tests.bootstrap.store.projects import add_round
from tests.bootstrap.store.projects import new_store
from tests.bootstrap.store.projects import people
from tests.bootstrap.store.projects import rows_of


@pytest.fixture
def store(tmp_path):
    store = new_store(tmp_path)
    yield store
    store.close()


def test_settings_are_any_json(store, tmp_path):
    for value in ({"b": [1, 2.5, None]}, "Zoë", 0, False, None):
        store.set("it", value)
        assert store.setting("it", "default") == value
    assert store.setting("other") is None
    assert store.setting("other", 5) == 5


def test_every_commit_is_synchronized(store):
    assert rows_of(store, "PRAGMA journal_mode") == [("wal",)]
    assert rows_of(store, "PRAGMA synchronous") == [(2,)]
    assert rows_of(store, "PRAGMA foreign_keys") == [(1,)]
    assert rows_of(store, "PRAGMA busy_timeout") == [(60_000,)]


def test_changes_are_kept_together_or_not_at_all(store):
    def half():
        with store.writing() as db:
            db.execute("INSERT INTO setting VALUES ('one', '1')")
            raise KeyError("no")

    with pytest.raises(KeyError):
        half()
    assert store.setting("one") is None
    with store.writing() as db:
        db.execute("INSERT INTO setting VALUES ('one', '1')")
    assert store.setting("one") == 1


def test_a_reader_sees_one_moment(store):
    store.set("it", 1)
    with store.reading() as db:
        assert store.setting("it") == 1
        other = threading.Thread(target=store.set, args=("it", 2))
        other.start()
        other.join()
        assert store.setting("it") == 1
        assert db.execute("SELECT value FROM setting").fetchone()[0] == "1"
    assert store.setting("it") == 2


def test_no_file_is_no_store(tmp_path):
    with pytest.raises(ValueError, match="fgkeras bootstrap init"):
        Store(tmp_path / FILE)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_something_else_is_left_alone(tmp_path):
    text = tmp_path / "text"
    text.write_text("no database " * 100)
    with pytest.raises(ValueError, match="is an SQLite file"):
        Store(text)
    for version in (0, 1):
        other = tmp_path / f"other{version}"
        db = sqlite3.connect(other)
        db.execute("CREATE TABLE setting (a)")
        db.execute(f"PRAGMA user_version = {version}")
        db.close()
        before = other.read_bytes()
        with pytest.raises(ValueError, match="none of ours"):
            Store(other)
        assert other.read_bytes() == before


def test_a_newer_store_is_refused(tmp_path):
    store = new_store(tmp_path)
    newer = len(schema.MIGRATIONS) + 1
    store._connection().execute(f"PRAGMA user_version = {newer}")
    store.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(ValueError, match="Install a newer fgkeras"):
        Store(tmp_path / FILE)
    assert (tmp_path / FILE).read_bytes() == before


def test_an_older_store_is_brought_up_to_date(tmp_path, monkeypatch):
    store = new_store(tmp_path)
    store.set("it", 1)
    assert store.migrated is None
    store.close()
    steps = (
        *schema.MIGRATIONS,
        "CREATE TABLE more (a INTEGER);\nINSERT INTO more VALUES (7);\n",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    store = Store(tmp_path / FILE)
    backup = tmp_path / f"{FILE}.version1"
    assert store.migrated == backup
    assert rows_of(store, "SELECT a FROM more") == [(7,)]
    assert rows_of(store, "PRAGMA user_version") == [(2,)]
    assert store.setting("it") == 1
    store.set("it", 2)
    store.close()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="newer"):
        Store(tmp_path / FILE)
    old = Store(backup)
    assert old.setting("it") == 1
    old.close()
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    again = Store(tmp_path / FILE)
    assert again.migrated is None
    again.close()


def test_a_step_that_fails_leaves_the_older_store(tmp_path, monkeypatch):
    new_store(tmp_path).close()
    monkeypatch.setattr(
        schema,
        "MIGRATIONS",
        (*schema.MIGRATIONS, "CREATE TABLE more (a);\nCREATE TABLE more (b);"),
    )
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path / FILE)
    monkeypatch.undo()
    store = Store(tmp_path / FILE)
    assert rows_of(
        store, "SELECT count(*) FROM sqlite_master WHERE name = 'more'"
    ) == [(0,)]
    store.close()


def test_a_backup_that_was_cut_short_is_made_again(tmp_path, monkeypatch):
    new_store(tmp_path).close()
    monkeypatch.setattr(
        schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more (a);")
    )

    def killed(self, path):
        pathlib.Path(path).write_bytes(b"half of")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "back_up", killed)
        with pytest.raises(KeyboardInterrupt):
            Store(tmp_path / FILE)
    store = Store(tmp_path / FILE)
    store.close()
    db = sqlite3.connect(store.migrated)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        FILE,
        f"{FILE}.version1",
    ]


def test_a_store_that_was_begun_and_killed_goes_on(tmp_path):
    (tmp_path / FILE).touch()
    store = Store(tmp_path / FILE)
    store.set("it", 1)
    store.close()


def test_a_copy_holds_what_is_newest(store, tmp_path):
    store.set("it", 1)
    store.back_up(tmp_path / "copy")
    store.set("it", 2)
    copy = Store(tmp_path / "copy")
    assert copy.setting("it") == 1
    copy.close()


def opened(path, gate, errors):
    gate.wait()
    try:
        for _ in range(10):
            store = Store(path, create=True)
            store.set("it", 1)
            store.close()
    except Exception as error:
        errors.put(repr(error))


def test_many_processes_begin_one_store(tmp_path):
    context = multiprocessing.get_context("fork")
    gate, errors = context.Event(), context.Queue()
    some = [
        context.Process(target=opened, args=(tmp_path / FILE, gate, errors))
        for _ in range(4)
    ]
    for process in some:
        process.start()
    gate.set()
    for process in some:
        process.join()
    assert errors.empty(), errors.get()
    store = Store(tmp_path / FILE)
    assert rows_of(store, "PRAGMA user_version") == [(len(schema.MIGRATIONS),)]
    store.close()


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/a /mnt/far nfs4 rw 0 0
//pc/b /mnt/two\\040words cifs rw 0 0
tmpfs /mnt/far/near tmpfs rw 0 0
host /mnt/shared 9p rw 0 0
user@host: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /mnt/twice tmpfs rw 0 0
server:/c /mnt/twice nfs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/a", None),
        ("/mnt/far", "nfs4"),
        ("/mnt/far/deep/er", "nfs4"),
        ("/mnt/farther", None),
        ("/mnt/far/near/x", None),
        ("/mnt/two words/x", "cifs"),
        ("/mnt/shared", "9p"),
        ("/mnt/ssh/x", "fuse.sshfs"),
        ("/mnt/twice", "nfs"),
    ],
)
def test_network_file_systems_are_refused(tmp_path, folder, kind):
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    if kind is None:
        refuse_remote(folder, table)
    else:
        with pytest.raises(ValueError, match=f"on {kind}. Choose a local"):
            refuse_remote(folder, table)
    refuse_remote(folder, tmp_path / "none")


def drained(path, person, gate, out):
    store = Store(path)
    gate.wait()
    done, errors = [], []
    while True:
        try:
            cards = next_cards(store, person, 1)
            if not cards:
                break
            (cell,) = cards
            number = cell["candidate"]
            decide(store, person, f"{person}/{number}", Answer(number, "fp"))
            done.append(number)
        except Exception as error:
            errors.append(repr(error))
            break
    store.close()
    out.put((done, errors))


@pytest.mark.parametrize(
    ("names", "offers"),
    [
        ("ABC", 30),
        pytest.param("ABCDEFGH", 1000, marks=pytest.mark.slow),
    ],
)
def test_many_processes_drain_a_round(tmp_path, names, offers):
    store = new_store(tmp_path)
    facts = add_round(store, offers=offers)
    persons = people(store, *names)
    store.close()
    context = multiprocessing.get_context("fork")
    gate, out = context.Event(), context.Queue()
    some = [
        context.Process(
            target=drained, args=(tmp_path / FILE, person, gate, out)
        )
        for person in persons
    ]
    for process in some:
        process.start()
    gate.set()
    found = [out.get() for _ in some]
    for process in some:
        process.join()
    assert [errors for _, errors in found if errors] == []
    done = sum((done for done, _ in found), [])
    assert len(set(done)) == len(done) == len(facts) == 2 * offers
    store = new_store(tmp_path)
    assert rows_of(store, "SELECT count(*) FROM decision") == [(2 * offers,)]
    assert rows_of(store, "PRAGMA integrity_check") == [("ok",)]
    store.close()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("No file system can be mounted here.")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
def test_a_disk_that_runs_full(small_disk):
    store = new_store(small_disk)
    add_round(store, offers=40)
    (ada,) = people(store)
    cards = [c["candidate"] for c in next_cards(store, ada, 40)]
    done = 0

    def answer_on():
        nonlocal done
        while True:
            answer = Answer(cards[done % 40], ("fp", "tp")[done // 40 % 2])
            decide(store, ada, f"r{done}", answer)
            done += 1

    with pytest.raises(StoreFull):
        answer_on()
    assert done > 100
    for _ in range(3):
        with pytest.raises(StoreFull):
            answer_on()
    assert rows_of(store, "SELECT count(*) FROM decision") == [(done,)]
    store.close()
    # None is begun there either; with room again, it goes on.
    with pytest.raises(StoreFull):
        Store(small_disk / "another", create=True)
    subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
    store = Store(small_disk / FILE)
    assert rows_of(store, "SELECT count(*) FROM decision") == [(done,)]
    assert rows_of(store, "PRAGMA integrity_check") == [("ok",)]
    answer = Answer(cards[done % 40], ("fp", "tp")[done // 40 % 2])
    assert decide(store, ada, f"r{done}", answer)["answers"]
    store.close()
