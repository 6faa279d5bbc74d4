"""The one file that a project's decisions are kept in."""

import contextlib
import json
import os
import pathlib
import sqlite3
import threading
import time

from fgkeras.bootstrap.store import schema
from fgkeras.storage import DiskRefusal

FILE = "store.sqlite3"
# SQLite lets in whoever asks at the right moment, not who came first: of eight
# processes on a busy machine one waited for more than ten seconds.
_BUSY_MS = 60_000
# Shared memory between processes, which write-ahead logging needs, is none of
# these file systems' business.
_REMOTE = ("nfs", "cifs", "smb", "afs", "fuse.sshfs", "ncpfs", "9p")


class StoreFull(DiskRefusal):
    """The disk has no room: nothing of the transaction was kept."""


class Store:
    """A project's SQLite file: durable, and safe for many processes.

    Every transaction that returned is on the disk: the journal is written
    ahead (WAL) and synchronized at each commit (FULL). Writers take their turn
    (`BEGIN IMMEDIATE`, a minute of patience), readers never wait for them.
    A thread has a connection of its own.

    Args:
        path: Path of the file.
        create: Bool, whether a file that is not there is made. Defaults to
            `False`.
        clock: Callable that returns seconds, for leases. Defaults to
            `time.time`.

    Attributes:
        path: `pathlib.Path`.
        migrated: `None`, or the path of the backup that was made before the
            tables of an older version were brought to this one.

    Raises:
        ValueError: If there is no such file, it is none of ours, it is of a
            newer version, or the folder is on a network file system.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), FILE)
    >>> store = Store(path, create=True)
    >>> with store.writing() as db:
    ...     _ = db.execute("INSERT INTO class VALUES (0, 'elm', '')")
    >>> with store.reading() as db:
    ...     db.execute("SELECT name FROM class").fetchone()["name"]
    'elm'
    """

    def __init__(self, path, *, create=False, clock=time.time):
        self.path = pathlib.Path(path)
        self.clock = clock
        self.migrated = None
        self._local = threading.local()
        self._open: set = set()
        self._lock = threading.Lock()
        if not create and not self.path.is_file():
            raise ValueError(
                "A store is a file that is there. Received: "
                f"{self.path}, where there is none. Begin a project with "
                "`fgkeras bootstrap init`."
            )
        refuse_remote(self.path.parent)
        self._migrate()

    def _connect(self):
        try:
            db = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False
            )
            db.row_factory = sqlite3.Row
            db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute("PRAGMA temp_store = MEMORY")
        except sqlite3.DatabaseError as error:
            raise _refusal(self.path, error) from error
        with self._lock:
            self._open.add(db)
        return db

    def _connection(self):
        db = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._connect()
        return db

    @contextlib.contextmanager
    def reading(self):
        """Gives a connection that sees one moment of the store."""
        db = self._connection()
        if db.in_transaction:  # Within `writing` or `reading`: the same moment.
            yield db
            return
        db.execute("BEGIN")
        try:
            yield db
        finally:
            db.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self):
        """Gives a connection whose changes are kept together, or not at all.

        They are on the disk when the block is left.

        Raises:
            StoreFull: If the disk is full; nothing was kept.
        """
        db = self._connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            if _is_full(error):
                raise _full(self.path) from error
            raise

    def setting(self, name, default=None):
        """Returns a setting, any JSON value."""
        with self.reading() as db:
            row = db.execute(
                "SELECT value FROM setting WHERE name = ?", (name,)
            ).fetchone()
        return default if row is None else json.loads(row["value"])

    def set(self, name, value):
        """Keeps a setting, any JSON value."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE "
                "SET value = excluded.value",
                (name, json.dumps(value, ensure_ascii=False, sort_keys=True)),
            )

    def close(self):
        """Closes the connections of all threads."""
        with self._lock:
            for db in self._open:
                db.close()
            self._open.clear()
        self._local = threading.local()

    def back_up(self, path):
        """Writes a copy of the store as it is now.

        Args:
            path: Path of a file that is not there.
        """
        # Never a copy of the file: what is newest stands in its journal.
        self._connection().execute("VACUUM INTO ?", (str(path),))

    def _migrate(self):
        """Brings the tables to this version, one step a transaction."""
        newest = len(schema.MIGRATIONS)
        version = self._version_of_ours()
        if version > newest:
            raise ValueError(
                "A store opens with the version of fgkeras that wrote it, or a "
                f"newer one. Received: {self.path}, of version {version}; this "
                f"is version {newest}. Install a newer fgkeras."
            )
        if 0 < version < newest:
            self.migrated = self._backed_up(version)
        for number in range(version, newest):
            with self.writing() as held:
                # Another process may have come first.
                if _version(held) != number:
                    continue
                for statement in _statements(schema.MIGRATIONS[number]):
                    held.execute(statement)
                held.execute(f"PRAGMA user_version = {number + 1}")

    def _version_of_ours(self):
        """The version of the file, which nothing is changed in before."""
        try:
            db = sqlite3.connect(self.path)
            try:
                db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
                db.execute("BEGIN")
                version = _version(db)
                tables = {
                    row[0]
                    for row in db.execute("SELECT name FROM sqlite_master")
                }
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            raise _refusal(self.path, error) from error
        if "decision" not in tables if version else tables:
            raise ValueError(
                "A store is a file that fgkeras made. Received: "
                f"{self.path}, which is none of ours. Choose another place."
            )
        return version

    def _backed_up(self, version):
        """Returns the copy of an older store, whole once it has its name."""
        backup = self.path.with_name(f"{self.path.name}.version{version}")
        if not backup.exists():
            part = backup.with_name(f"{backup.name}.{os.getpid()}.part")
            try:
                self.back_up(part)
                os.replace(part, backup)
            finally:
                part.unlink(missing_ok=True)
        return backup


def _refusal(path, error):
    """What is raised where a file does not open."""
    if _is_full(error):
        return _full(path)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return error
    return ValueError(
        f"A store is an SQLite file. Received: {path} ({error}). Restore it "
        "from a backup."
    )


def _version(db):
    return db.execute("PRAGMA user_version").fetchone()[0]


def _statements(script):
    """The statements of a script; a trigger holds semicolons of its own."""
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""


def _full(path):
    return StoreFull(OSError(28, "No space left on device"), path, None)


def _is_full(error):
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)


def refuse_remote(folder, mounts="/proc/mounts"):
    """Refuses a folder on a network file system.

    Args:
        folder: Path.
        mounts: Path of the table of file systems; where there is none, nothing
            is refused. Defaults to `"/proc/mounts"`.

    Raises:
        ValueError: If the folder is on one.
    """
    try:
        lines = pathlib.Path(mounts).read_text().splitlines()
    except OSError:
        return
    place = pathlib.Path(folder).resolve()
    kind, longest = "", -1
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = pathlib.PurePath(fields[1].replace("\\040", " "))
        # What is mounted later lies on top.
        if place.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = fields[2], len(point.parts)
    if kind.startswith(_REMOTE):
        raise ValueError(
            "A project needs a disk of this machine: decisions on network "
            f"file systems can be lost. Received: {folder}, on {kind}. Choose "
            "a local folder."
        )
