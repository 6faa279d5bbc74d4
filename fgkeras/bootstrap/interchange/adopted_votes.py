"""Votes of a file into a project: each kept once, by whom it was given."""

import dataclasses
import datetime
import hashlib
import itertools
import json
import tempfile

from fgkeras.bootstrap.interchange.vote import shortened
from fgkeras.bootstrap.store.gold import pause_where_wrong
from fgkeras.bootstrap.store.outcome import settle
from fgkeras.bootstrap.store.people import add_labeller
from fgkeras.bootstrap.store.people import now

_CHUNK = 500


@dataclasses.dataclass(frozen=True)
class Adopted:
    """What became of the votes of a file.

    Attributes:
        votes: Int, how many there were.
        added: Int, those that were not in the project before.
        known: Int, those that were.
        left_out: Int, those that change nothing: the same labeller has answered
            the same candidate later, or what is taken back is not there.
    """

    votes: int
    added: int
    known: int
    left_out: int


def adopt_votes(store, votes, where, *, labeller=None, progress=None):
    """Adds votes to the candidates of a project.

    A vote belongs to the candidate with its image (by SHA-256), its class and
    its round; who gave it is added by name. Time, dwell and mode stay as they
    were. A vote that the project has already, the same answer of the same
    labeller at the same time, changes nothing: the same file again, or after a
    kill, adds what is missing. All votes are looked up before the first is
    kept; then some hundreds at a time, while people go on labelling.

    Args:
        store: `Store`.
        votes: Iterable of dicts, see `checked_vote`.
        where: Callable of the number of a vote, from 1 on, that returns words
            for an error, such as `"votes.csv, row 7"`.
        labeller: String, whose votes they are instead; `None` (default) for
            those that the votes name.
        progress: `None`, or callable of `(done, total)`; each vote is looked
            up and kept, and counts twice. The total is `None` at first.

    Returns:
        `Adopted`.

    Raises:
        ValueError: For a vote on what is not in the project; nothing is kept.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> adopt_votes(store, [], "row {}".format)
    Adopted(votes=0, added=0, known=0, left_out=0)
    """
    counts = dict.fromkeys(("added", "known", "left_out"), 0)
    total = done = 0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as held:
        with store.reading() as db:
            known = _Known(db, labeller)
            for total, vote in enumerate(votes, 1):
                found = known.found(vote, where(total))
                held.write(json.dumps(found) + "\n")
                if progress and total % _CHUNK == 0:
                    progress(total, None)
        held.seek(0)
        lines = map(json.loads, held)
        while chunk := list(itertools.islice(lines, _CHUNK)):
            with store.writing() as db:
                desk = _Desk(db)
                for found in chunk:
                    counts[desk.keep(*found)] += 1
                desk.pause()
            done += len(chunk)
            if progress:
                progress(total + done, 2 * total)
    return Adopted(total, **counts)


class _Known:
    """What votes are on, by the candidates and classes of a project."""

    def __init__(self, db, labeller):
        self.db, self.name = db, labeller
        self.classes = {
            row["name"]: row["id"] for row in db.execute("SELECT * FROM class")
        }

    def found(self, vote, where):
        """Returns what `_Desk.keep` takes, or refuses the vote."""
        name = (self.name or vote["labeller"]).strip()
        if not 1 <= len(name) <= 80 or not name.isprintable():
            raise ValueError(
                f"{where}: a labeller's name has 1 to 80 printable characters. "
                f"Received: {shortened(name)}. Name another: --labeller NAME."
            )
        return (
            self._candidate(vote, where), name, vote["verdict"],
            self._instead(vote, where), _in_utc(vote["time"], where),
            vote["dwell_ms"], vote["mode"],
        )  # fmt: skip

    def _instead(self, vote, where):
        instead = vote["instead"]
        if instead is None:
            return None
        if vote["verdict"] != "fp":
            raise ValueError(
                f"{where}: only what is not of the class can be of another. "
                f"Received: verdict={vote['verdict']} with "
                f"instead={shortened(instead)}."
            )
        if instead not in self.classes or instead == vote["class"]:
            raise ValueError(
                f"{where}: what a candidate is instead is another class of the "
                f"project. Received: instead={shortened(instead)}."
            )
        return self.classes[instead]

    def _candidate(self, vote, where):
        # CROSS: from the image on; else all of the round is looked through.
        rows = self.db.execute(
            "SELECT c.id, i.name FROM image AS i "
            "CROSS JOIN candidate AS c ON c.image = i.id "
            "WHERE i.sha256 = ? AND c.round = ? AND c.class = ?",
            (vote["image"], vote["round"], self._class(vote, where)),
        ).fetchall()
        if len(rows) > 1:
            rows = [row for row in rows if row["name"] == vote["file"]]
        if len(rows) == 1:
            return rows[0]["id"]
        known = self.db.execute(
            "SELECT 1 FROM image WHERE sha256 = ?", (vote["image"],)
        ).fetchone()
        raise ValueError(
            f"{where}: a vote is on a candidate of the project. Received: "
            f"file={shortened(vote['file'])}, "
            + (
                f"which nobody was asked about in round {vote['round']} as "
                f"{shortened(vote['class'])}."
                if known
                else f"image={vote['image']}, which is no image of it."
            )
        )

    def _class(self, vote, where):
        if vote["class"] not in self.classes:
            raise ValueError(
                f"{where}: a vote names a class of the project. Received: "
                f"class={shortened(vote['class'])}."
            )
        return self.classes[vote["class"]]


class _Desk:
    """Takes votes in, within one transaction."""

    def __init__(self, db):
        self.db, self.answered = db, {}

    def keep(self, candidate, name, verdict, instead, time, dwell, mode):
        """Adds a vote; returns what became of it."""
        person = add_labeller(self.db, name)
        if self._known(candidate, person, verdict, instead, time):
            return "known"
        last = self.db.execute(
            "SELECT time FROM decision WHERE candidate = ? "
            "AND labeller = ? ORDER BY id DESC LIMIT 1",
            (candidate, person),
        ).fetchone()
        if last is not None and last["time"] > time:
            return "left_out"
        supersedes = self._superseded(candidate, person, verdict, mode)
        if verdict == "undo" and supersedes is None:
            return "left_out"
        content = [candidate, person, verdict, instead, time, mode]
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        serial = self.db.execute(
            "INSERT INTO request (id, labeller, kind, digest, undoes, time) "
            "VALUES (?, ?, 'import', ?, NULL, ?)",
            (digest, person, digest, now()),
        ).lastrowid
        self.db.execute(
            "INSERT INTO decision (candidate, labeller, verdict, instead, "
            "time, dwell_ms, mode, request, place, supersedes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (candidate, person, verdict, instead, time, dwell, mode, serial,
             supersedes),
        )  # fmt: skip
        self._restore(candidate, person)
        settle(self.db, candidate)
        self.answered.setdefault(person, []).append(candidate)
        return "added"

    def pause(self):
        """Pauses those whose answers to known pictures are wrong."""
        for person, candidates in self.answered.items():
            pause_where_wrong(self.db, person, candidates)

    def _known(self, candidate, person, verdict, instead, time):
        return self.db.execute(
            "SELECT 1 FROM decision WHERE candidate = ? AND labeller = ? "
            "AND verdict = ? AND instead IS ? AND time = ?",
            (candidate, person, verdict, instead, time),
        ).fetchone()

    def _superseded(self, candidate, person, verdict, mode):
        """The decision that a vote replaces or takes back, or `None`."""
        rows = self.db.execute(
            "SELECT d.id, d.mode FROM decision AS d WHERE d.candidate = ? "
            "AND d.labeller = ? AND d.verdict <> 'undo' AND NOT EXISTS ("
            "SELECT 1 FROM decision AS u WHERE u.verdict = 'undo' "
            "AND u.supersedes = d.id) ORDER BY d.id DESC",
            (candidate, person),
        ).fetchall()
        if verdict == "undo":
            # Taken back was the last one of its kind.
            rows = [row for row in rows if row["mode"] == mode] or rows
        return rows[0]["id"] if rows else None

    def _restore(self, candidate, person):
        """Makes the vote what the decisions say that still stand."""
        both = (candidate, person)
        for table in ("vote", "lease"):
            self.db.execute(
                f"DELETE FROM {table} WHERE candidate = ? AND labeller = ?",
                both,
            )
        self.db.execute(
            "INSERT INTO vote SELECT d.candidate, d.labeller, d.id, d.verdict, "
            "d.instead, d.mode FROM effective_vote AS e "
            "JOIN decision AS d ON d.id = e.decision "
            "WHERE e.candidate = ? AND e.labeller = ?",
            both,
        )


def _in_utc(text, where):
    """A time as the store writes it.

    >>> _in_utc("2026-11-30T21:44:27+01:00", "row 1")
    '2026-11-30T20:44:27.000000Z'
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
        moment = moment.astimezone(datetime.UTC)
    except OverflowError as error:
        raise ValueError(
            f"{where}: a time must lie in the years 1 to 9999. Received: "
            f"time={text}."
        ) from error
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
