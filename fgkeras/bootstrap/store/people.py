"""Who labels: names, links of one use, and who is paused."""

import datetime
import hashlib
import json
import secrets


class Paused(ValueError):
    """Somebody whose work is looked at before it goes on."""


class Labellers:
    """The people of a project.

    It is what `fgkeras.web` asks who somebody is: a link holds a token that is
    good for one use, a cookie is what it turns into, and the store keeps the
    checksums of both alone.

    Args:
        store: `Store`.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> people = Labellers(store)
    >>> token = people.invite("Ada")
    >>> person, cookie = people.redeem(token)
    >>> people.name(person), people.person_of(cookie) == person
    ('Ada', True)
    >>> people.redeem(token) is None
    True
    """

    def __init__(self, store):
        self.store = store

    def add(self, name):
        """Returns the id of a person, who is added if new.

        Args:
            name: String of 1 to 80 characters, without control characters.

        Raises:
            ValueError: If it is none.
        """
        with self.store.writing() as db:
            return add_labeller(db, name)

    def invite(self, name):
        """Returns a token of one use for a person, who is added if new."""
        token = secrets.token_urlsafe(32)
        with self.store.writing() as db:
            person = add_labeller(db, name)
            db.execute(
                "INSERT INTO link VALUES (?, ?, ?, NULL)",
                (_sum(token), person, now()),
            )
        return token

    def redeem(self, token):
        """Returns `(person, cookie)` of a token not used before, or `None`."""
        cookie = secrets.token_urlsafe(32)
        with self.store.writing() as db:
            row = db.execute(
                "SELECT labeller FROM link WHERE token = ? AND used IS NULL",
                (_sum(token),),
            ).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE link SET used = ? WHERE token = ?",
                (now(), _sum(token)),
            )
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?)",
                (_sum(cookie), row["labeller"], now()),
            )
            return row["labeller"], cookie

    def person_of(self, cookie):
        """Returns the id of whom a cookie was given, or `None`."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT labeller FROM session WHERE cookie = ?",
                (_sum(cookie),),
            ).fetchone()
        return None if row is None else row["labeller"]

    def name(self, person):
        """Returns the name of a person, or `None` if there is none."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT name FROM labeller WHERE id = ?", (person,)
            ).fetchone()
        return None if row is None else row["name"]

    def paused(self, person):
        """Returns why a person is paused, `""` if not."""
        with self.store.reading() as db:
            row = db.execute(
                "SELECT paused FROM labeller WHERE id = ?", (person,)
            ).fetchone()
        return row["paused"] if row else ""

    def resume(self, name):
        """Lets somebody who was paused go on; known pictures count anew.

        Raises:
            ValueError: If there is no such person.
        """
        with self.store.writing() as db:
            row = db.execute(
                "SELECT id FROM labeller WHERE name = ?", (name,)
            ).fetchone()
            if row is None:
                raise ValueError(
                    "Who goes on is a labeller of the project. Received: "
                    f"name={name!r}. See `fgkeras bootstrap status`."
                )
            db.execute(
                "UPDATE labeller SET paused = '' WHERE id = ?", (row["id"],)
            )
            last = db.execute("SELECT max(id) FROM decision").fetchone()[0]
            known = db.execute(
                "SELECT value FROM setting WHERE name = 'resumed'"
            ).fetchone()
            resumed = json.loads(known["value"]) if known else {}
            resumed[str(row["id"])] = last or 0
            db.execute(
                "INSERT OR REPLACE INTO setting VALUES ('resumed', ?)",
                (json.dumps(resumed),),
            )


def labeller_name(name):
    """Returns a name without blanks around it, checked.

    Args:
        name: String of 1 to 80 characters, without control characters.

    Raises:
        ValueError: If it is none.

    Example:

    >>> labeller_name(" Ada ")
    'Ada'
    """
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise ValueError(
            "A labeller's name has 1 to 80 printable characters. Received: "
            f"{name[:80]!r}. Choose another."
        )
    return name


def add_labeller(db, name):
    """Returns the id of a person, who is added if new.

    Args:
        db: Connection that is writing.
        name: String of 1 to 80 characters, without control characters.

    Raises:
        ValueError: If it is none.
    """
    name = labeller_name(name)
    row = db.execute(
        "SELECT id FROM labeller WHERE name = ?", (name,)
    ).fetchone()
    if row is not None:
        return row["id"]
    return db.execute(
        "INSERT INTO labeller (name, created) VALUES (?, ?)", (name, now())
    ).lastrowid


def refuse_paused(db, labeller):
    """Refuses work to somebody who is paused, or whom nobody knows.

    Raises:
        Paused: If so.
        ValueError: If there is no such person.
    """
    row = db.execute(
        "SELECT paused FROM labeller WHERE id = ?", (labeller,)
    ).fetchone()
    if row is None:
        raise ValueError(
            "Labellers are those of the project. Received: labeller="
            f"{labeller}. Invite somebody with `fgkeras bootstrap invite`."
        )
    if row["paused"]:
        raise Paused(row["paused"])


def now():
    """Returns this moment in words that sort, to the microsecond, in UTC."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _sum(secret):
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
