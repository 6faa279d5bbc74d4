"""What labellers answer: each request kept once, whole, and for good."""

import dataclasses
import json

from fgkeras.bootstrap.store import schema
from fgkeras.bootstrap.store.gold import pause_where_wrong
from fgkeras.bootstrap.store.outcome import settle
from fgkeras.bootstrap.store.people import now
from fgkeras.bootstrap.store.requests import add_request
from fgkeras.bootstrap.store.requests import digest_of
from fgkeras.bootstrap.store.requests import known_response
from fgkeras.bootstrap.store.requests import refuse_stranger
from fgkeras.bootstrap.store.requests import response_to

_MARKED = {"right": ("tp", "fp"), "wrong": ("fp", "tp")}


class NotServed(ValueError):
    """An answer to what was not handed out."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """One verdict on one candidate.

    Args:
        candidate: Int.
        verdict: String: `"tp"` (it is of the class), `"fp"` (it is not),
            `"unsure"`, `"skip"`, `"bad"` (the picture cannot be used) or
            `"dup"` (it is another's copy).
        instead: Int, the class that it is instead, of `"fp"` alone; or `None`
            (default).
        dwell_ms: Int, how long it was looked at; or `None` (default).

    Raises:
        ValueError: If it is none of these.

    Example:

    >>> Answer(3, "fp", instead=1).verdict
    'fp'
    """

    candidate: int
    verdict: str
    instead: int | None = None
    dwell_ms: int | None = None

    def __post_init__(self):
        for name, optional in (
            ("candidate", False),
            ("instead", True),
            ("dwell_ms", True),
        ):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (value is None and optional) and not (
                whole and 0 <= value < 2**62
            ):
                raise ValueError(
                    f"`{name}` must be a whole number from 0 on. Received: "
                    f"{name}={value!r}."
                )
        if self.verdict not in schema.VERDICTS:
            raise ValueError(
                f"`verdict` must be one of {list(schema.VERDICTS)}. Received: "
                f"verdict={self.verdict!r}."
            )
        if self.instead is not None and self.verdict != "fp":
            raise ValueError(
                "Only what is not of the class can be of another. Received: "
                f"verdict={self.verdict!r} with instead={self.instead}."
            )


def decide(store, labeller, request, answer):
    """Keeps the answer to one candidate.

    It is on the disk when this returns. The same request again, also at once
    or after a restart, changes nothing and returns the same.

    Args:
        store: `Store`.
        labeller: Int, id of who answers.
        request: String of 1 to 64 characters, made anew for each answer.
        answer: `Answer`.

    Returns:
        Dict `request`, `answers`: a list of dicts `decision`, `candidate`,
        `verdict` and `instead`.

    Raises:
        RequestReused: If the request's id stands for another answer.
        NotServed: If the candidate was not handed out to who answers.
        ValueError: If there is no such candidate or class.
        StoreFull: If the disk is full; nothing was kept.
    """
    return _kept(store, labeller, request, "card", [(answer, "card")])


def commit(
    store, labeller, request, page, marked, *, others=(), left=(), dwell_ms=None
):
    """Keeps the answers to a whole page: all of them, or none.

    Where the right ones are marked, the rest is wrong, and the other way
    round. A page is committed once, until that is taken back: an older copy of
    it, as in a second window, changes nothing.

    Args:
        store: `Store`.
        labeller: Int, id of who answers.
        request: As `decide`.
        page: String, as of `next_page`.
        marked: Sequence of ints, the candidates that were marked.
        others: Sequence of `Answer`, candidates with an answer of their own:
            unsure, bad, a copy, or of another class. Defaults to none.
        left: Sequence of ints, candidates that were not seen, such as pictures
            that did not load: they are given back. Defaults to none.
        dwell_ms: Int, how long the page was looked at; or `None` (default).

    Returns:
        As `decide`.

    Raises:
        NotServed: If the page is not of who answers, has no such candidate, or
            was committed before.
        RequestReused, ValueError, StoreFull: As `decide`.
    """
    others = list(others)
    alone = [a.candidate for a in others]
    named = [*marked, *alone, *left]
    if len(set(named)) < len(named):
        raise ValueError(
            "Each candidate of a page has one answer. Received: one that is "
            "marked, answered or left twice."
        )
    content = {
        "page": page,
        "marked": sorted(marked),
        "others": sorted(dataclasses.astuple(a)[:3] for a in others),
        "left": sorted(left),
    }

    def answers(db):
        row = db.execute(
            "SELECT * FROM page WHERE id = ? AND labeller = ?", (page, labeller)
        ).fetchone()
        cells = json.loads(row["candidates"]) if row else []
        strange = set(named) - set(cells)
        if row is None or strange:
            raise NotServed(
                "A page is committed by whom it was handed out to, with its "
                f"own candidates. Received: page={page!r}"
                + (f" with {sorted(strange)[:3]}." if strange else ".")
            )
        if _was_committed(db, labeller, cells):
            raise NotServed(
                "A page is committed once. Received: one whose answers are "
                "kept already, maybe from another window. They stand as they "
                "were; change them in the history, or take them back."
            )
        mark, rest = _MARKED[row["mark"]]
        each = None if dwell_ms is None else dwell_ms // max(len(cells), 1)
        of = {a.candidate: (a, "grid_marked") for a in others}
        of |= {c: (Answer(c, mark, None, each), "grid_marked") for c in marked}
        for cell in cells:
            of.setdefault(cell, (Answer(cell, rest, None, each), "grid_rest"))
        db.executemany(
            "DELETE FROM lease "
            "WHERE candidate = ? AND labeller = ? AND page = ?",
            [(cell, labeller, page) for cell in left],
        )
        # Should the page come again, what was left is no rest of it.
        seen = [cell for cell in cells if cell not in set(left)]
        db.execute(
            "UPDATE page SET candidates = ? WHERE id = ?",
            (json.dumps(seen), page),
        )
        return [of[cell] for cell in seen]

    return _kept(store, labeller, request, "page", answers, content)


def adjudicate(store, labeller, request, answer):
    """Keeps the answer that ends a disagreement.

    Args:
        store: `Store`.
        labeller: Int, id of who decides.
        request: As `decide`.
        answer: `Answer`.

    Returns:
        As `decide`.

    Raises:
        RequestReused, ValueError, StoreFull: As `decide`.
    """
    given = [(answer, "adjudicate")]
    return _kept(store, labeller, request, "adjudicate", given)


def adopt(store, labeller, request, answers):
    """Keeps answers that were given elsewhere, all of them or none.

    Args:
        store: `Store`.
        labeller: Int, id of who answered.
        request: As `decide`.
        answers: Sequence of `Answer`.

    Returns:
        As `decide`.

    Raises:
        RequestReused, ValueError, StoreFull: As `decide`.
    """
    given = [(answer, "import") for answer in answers]
    return _kept(store, labeller, request, "import", given)


def _kept(store, labeller, request, kind, answers, content=None):
    """Keeps answers under a request, in one transaction."""
    if content is None:
        content = [
            [*dataclasses.astuple(answer)[:3], mode] for answer, mode in answers
        ]
    digest = digest_of(content)
    with store.writing() as db:
        known = known_response(db, labeller, request, digest)
        if known is not None:
            return known
        refuse_stranger(db, labeller)
        given = answers(db) if callable(answers) else answers
        serial = add_request(db, labeller, request, kind, digest)
        for place, (answer, mode) in enumerate(given):
            _check(db, labeller, answer, kind)
            _insert(db, labeller, serial, place, answer, mode)
        pause_where_wrong(db, labeller, [a.candidate for a, _ in given])
        return response_to(db, serial, request)


def _check(db, labeller, answer, kind):
    row = db.execute(
        "SELECT class, state FROM candidate WHERE id = ?", (answer.candidate,)
    ).fetchone()
    if row is None:
        raise ValueError(
            "Answers are to candidates of the project. Received: candidate="
            f"{answer.candidate}."
        )
    if answer.instead is not None:
        there = db.execute(
            "SELECT 1 FROM class WHERE id = ?", (answer.instead,)
        ).fetchone()
        if there is None or answer.instead == row["class"]:
            raise ValueError(
                "What a candidate is instead is another class of the project. "
                f"Received: instead={answer.instead}."
            )
    if kind == "card" and not _was_served(db, labeller, answer.candidate):
        raise NotServed(
            "Answers are to what was handed out. Received: candidate="
            f"{answer.candidate}, which you were not given."
        )
    if (
        kind == "adjudicate"
        and not db.execute(
            "SELECT 1 FROM vote WHERE candidate = ?", (answer.candidate,)
        ).fetchone()
    ):
        raise NotServed(
            "What nobody has answered is not adjudicated. Received: candidate="
            f"{answer.candidate}."
        )


def _was_committed(db, labeller, cells):
    """Whether a request that stands answered just these cells as a page."""
    if not cells:
        return False
    requests = db.execute(
        "SELECT DISTINCT d.request FROM decision AS d "
        "JOIN request AS r ON r.serial = d.request "
        "WHERE d.candidate = ? AND d.labeller = ? AND r.kind = 'page' "
        "AND NOT EXISTS ("
        "SELECT 1 FROM request AS u WHERE u.undoes = r.serial)",
        (cells[0], labeller),
    ).fetchall()
    for row in requests:
        answered = db.execute(
            "SELECT candidate FROM decision WHERE request = ?",
            (row["request"],),
        )
        if {one["candidate"] for one in answered} == set(cells):
            return True
    return False


def _was_served(db, labeller, candidate):
    return any(
        db.execute(
            f"SELECT 1 FROM {table} WHERE candidate = ? AND labeller = ?",
            (candidate, labeller),
        ).fetchone()
        for table in ("lease", "decision")
    )


def _insert(db, labeller, serial, place, answer, mode):
    """Adds a decision, and what follows from it."""
    earlier = db.execute(
        "SELECT decision FROM vote WHERE candidate = ? AND labeller = ?",
        (answer.candidate, labeller),
    ).fetchone()
    number = db.execute(
        "INSERT INTO decision (candidate, labeller, verdict, instead, time, "
        "dwell_ms, mode, request, place, supersedes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (answer.candidate, labeller, answer.verdict, answer.instead, now(),
         answer.dwell_ms, mode, serial, place,
         earlier["decision"] if earlier else None),
    ).lastrowid  # fmt: skip
    db.execute(
        "INSERT OR REPLACE INTO vote VALUES (?, ?, ?, ?, ?, ?)",
        (answer.candidate, labeller, number, answer.verdict, answer.instead,
         mode),
    )  # fmt: skip
    db.execute(
        "DELETE FROM lease WHERE candidate = ? AND labeller = ?",
        (answer.candidate, labeller),
    )
    settle(db, answer.candidate)
