"""What is handed out to labellers: one candidate, or a page of one class."""

import hashlib
import json
import uuid

from fgkeras.bootstrap.store.people import refuse_paused

# An unanswered candidate returns to the others after so many seconds.
CARD_SECONDS = 600.0
PAGE_SECONDS = 1800.0
# How long a class that had nothing for somebody is not asked again.
_REST_SECONDS = 20.0
_PAGE = (1, 60)

_FREE = """
    SELECT c.id, c.rank FROM candidate AS c
    WHERE c.round = :round AND c.class = :class AND c.state = 'open'
        AND c.kind <> 'gold' AND c.rank > :rank
        AND c.votes + (
            SELECT count(*) FROM lease AS l
            WHERE l.candidate = c.id AND l.expires > :now
        ) < c.wanted
        AND NOT EXISTS (
            SELECT 1 FROM lease AS l WHERE l.candidate = c.id
                AND l.labeller = :labeller AND l.expires > :now
        )
        AND NOT EXISTS (
            SELECT 1 FROM vote AS v WHERE v.candidate = c.id
                AND v.labeller = :labeller
                AND (v.verdict <> 'skip' OR :skipped = 0)
        )
    ORDER BY c.rank LIMIT :count
"""
_GOLD = """
    SELECT c.id, c.rank FROM candidate AS c
    WHERE c.round = :round AND c.class = :class AND c.kind = 'gold'
        AND NOT EXISTS (
            SELECT 1 FROM vote AS v
            WHERE v.candidate = c.id AND v.labeller = :labeller
        )
        AND NOT EXISTS (
            SELECT 1 FROM lease AS l
            WHERE l.candidate = c.id AND l.labeller = :labeller
                AND l.expires > :now
        )
    ORDER BY c.id LIMIT :count
"""
_CELLS = """
    SELECT c.id, c.class, c.rival, c.rank, i.width, i.height
    FROM candidate AS c JOIN image AS i ON i.id = c.image WHERE c.id = ?
"""


def next_cards(store, labeller, count=1, *, of_class=None):
    """Hands out candidates to decide one by one.

    Those that were handed out and not answered come first, so that a reload
    shows the same. A candidate goes to as many people as its votes are wanted
    of, to each once, and returns to the others ten minutes after it was handed
    out. One class is finished before the next begins.

    Args:
        store: `Store`.
        labeller: Int, id of who asks.
        count: Int at least 1, how many. Defaults to `1`.
        of_class: Int, the class to go on with; `None` (default) goes on with
            that of last time.

    Returns:
        List of dicts `candidate`, `class`, `rival` (or `None`), `width` and
        `height` in pixels: fewer than `count` where there are no more. They
        say neither the score nor what others think.

    Raises:
        Paused: If who asks is paused.
    """
    with store.writing() as db:
        refuse_paused(db, labeller)
        desk = _Desk(db, labeller, store.clock())
        if desk.round is None:
            return []
        held = desk.held_cards(of_class)[:count]
        desk.renew(held, CARD_SECONDS)
        while len(held) < count:
            given = desk.take(1, of_class)
            if not given:
                break
            desk.lease(given, CARD_SECONDS)
            held += given
        return [desk.cell(candidate) for candidate in held]


def next_page(store, labeller, size=36, *, of_class=None):
    """Hands out a page: candidates of one class, neighbours side by side.

    A page that was handed out and not committed comes again. Below an expected
    yield of one half the few right ones are marked, above it the wrong ones.

    Args:
        store: `Store`.
        labeller: Int, id of who asks.
        size: Int from 1 to 60, how many at most. Defaults to `36`.
        of_class: Int, the class to go on with, or `None` (default).

    Returns:
        Dict `page`, `class`, `mark` (`"right"` or `"wrong"`) and `cells` as of
        `next_cards`; or `None` where nothing is left.

    Raises:
        Paused: If who asks is paused.
        ValueError: If `size` is out of range.
    """
    low, high = _PAGE
    if not low <= size <= high:
        raise ValueError(
            f"A page has from {low} to {high} candidates. Received: "
            f"size={size}. Usual are 24 to 48."
        )
    with store.writing() as db:
        refuse_paused(db, labeller)
        desk = _Desk(db, labeller, store.clock())
        if desk.round is None:
            return None
        page, held = desk.held_page(of_class)
        if page is not None:
            desk.renew(held, PAGE_SECONDS)
        else:
            held = desk.take(size, of_class)
            if not held:
                return None
            held.sort(key=desk.rank_of)
            page = uuid.uuid4().hex
            of_class = desk.cell(held[0])["class"]
            db.execute(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?)",
                (page, labeller, of_class, desk.mark(of_class),
                 json.dumps(held)),
            )  # fmt: skip
            desk.lease(held, PAGE_SECONDS, page)
        row = db.execute("SELECT * FROM page WHERE id = ?", (page,)).fetchone()
        return {
            "page": page,
            "class": row["class"],
            "mark": row["mark"],
            "cells": [desk.cell(candidate) for candidate in held],
        }


def current_round(db):
    """Returns the number of the round that is labelled, or `None`."""
    return db.execute("SELECT max(number) FROM round").fetchone()[0]


class _Desk:
    """Hands out to one person, within a transaction."""

    def __init__(self, db, labeller, now):
        self.db, self.labeller, self.now = db, labeller, now
        self.round = current_round(db)
        row = db.execute(
            "SELECT skip, gold FROM round WHERE number = ?", (self.round,)
        ).fetchone()
        self.skip, self.gold = (row["skip"], row["gold"]) if row else ("", 0.0)
        row = db.execute(
            "SELECT served, class FROM labeller WHERE id = ?", (labeller,)
        ).fetchone()
        self.served, self.current = row["served"], row["class"]

    def held_cards(self, of_class):
        """What was handed out one by one and is not answered, oldest first."""
        rows = self.db.execute(
            "SELECT l.candidate FROM lease AS l "
            "JOIN candidate AS c ON c.id = l.candidate WHERE l.labeller = ? "
            "AND l.page IS NULL AND l.expires > ? AND c.round = ? "
            "AND (? IS NULL OR c.class = ?) ORDER BY l.place",
            (self.labeller, self.now, self.round, of_class, of_class),
        )
        return [row["candidate"] for row in rows]

    def held_page(self, of_class):
        """The page that was handed out and is not answered, with its cells."""
        rows = self.db.execute(
            "SELECT l.candidate, l.page FROM lease AS l "
            "JOIN candidate AS c ON c.id = l.candidate WHERE l.labeller = ? "
            "AND l.page IS NOT NULL AND l.expires > ? AND c.round = ? "
            "AND (? IS NULL OR c.class = ?) ORDER BY l.place",
            (self.labeller, self.now, self.round, of_class, of_class),
        ).fetchall()
        page = rows[0]["page"] if rows else None
        return page, [r["candidate"] for r in rows if r["page"] == page]

    def renew(self, candidates, seconds):
        self.db.executemany(
            "UPDATE lease SET expires = ? WHERE candidate = ? AND labeller = ?",
            [(self.now + seconds, c, self.labeller) for c in candidates],
        )

    def lease(self, candidates, seconds, page=None):
        self.db.executemany(
            "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)",
            [
                (c, self.labeller, self.now + seconds, self.served + i, page)
                for i, c in enumerate(candidates)
            ],
        )
        self.served += len(candidates)
        self.db.execute(
            "UPDATE labeller SET served = ? WHERE id = ?",
            (self.served, self.labeller),
        )

    def take(self, count, of_class):
        """Finds candidates of one class that nobody has, hidden gold among."""
        if of_class is not None:
            return self._of(of_class, count, patient=False)
        given = []
        if self.current is not None:
            given = self._of(self.current, count)
        for row in [] if given else self._classes():
            given = self._of(row["class"], count)
            if given:
                self.current = row["class"]
                self.db.execute(
                    "UPDATE labeller SET class = ? WHERE id = ?",
                    (self.current, self.labeller),
                )
                break
        return given

    def _classes(self):
        """Classes with something open, those where few people are first."""
        return self.db.execute(
            "SELECT t.class, sum(t.count) AS open, ("
            "SELECT count(*) FROM labeller AS l "
            "WHERE l.class = t.class AND l.id <> :labeller) AS others "
            "FROM tally AS t WHERE t.round = :round AND t.state = 'open' "
            "AND t.kind <> 'gold' AND t.count > 0 GROUP BY t.class "
            "ORDER BY others, open DESC, t.class",
            {"labeller": self.labeller, "round": self.round},
        ).fetchall()

    def _of(self, of_class, count, patient=True):
        """Up to `count` of a class; gold never stands alone."""
        wanted_gold = sum(self._draws_gold(i) for i in range(count))
        place = {
            "round": self.round, "class": of_class, "labeller": self.labeller,
            "now": self.now, "skipped": 0,
        }  # fmt: skip
        cursor = self.db.execute(
            "SELECT rank, rests FROM cursor "
            "WHERE labeller = :labeller AND round = :round AND class = :class",
            place,
        ).fetchone()
        if patient and cursor and self._rests(cursor["rests"]):
            return []
        gold = []
        if wanted_gold:
            gold = self.db.execute(
                _GOLD, {**place, "count": wanted_gold}
            ).fetchall()
        need = count - len(gold)
        # Gold is handed out only where there is something else too.
        least = max(need, 1)
        start = cursor["rank"] if cursor else -1
        found = self._free(place, start, least)
        if len(found) < least and start >= 0:
            # What others gave back lies before the cursor.
            known = {row["id"] for row in found}
            again = self._free(place, -1, least)
            found += [r for r in again if r["id"] not in known][
                : least - len(found)
            ]
        if not found and self.skip == "me":
            found = self._free({**place, "skipped": 1}, -1, least)
        rests = 0.0 if found else self.now + _REST_SECONDS
        last = max([start, *(row["rank"] for row in found[:need])])
        self.db.execute(
            "INSERT INTO cursor VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET rank = excluded.rank, rests = excluded.rests",
            (self.labeller, self.round, of_class, last, rests),
        )
        if not found:
            return []
        return [row["id"] for row in (*gold, *found[:need])]

    def _rests(self, until):
        """Whether a class is not asked again yet; a clock may be set back."""
        return self.now < until <= self.now + _REST_SECONDS

    def _free(self, place, rank, count):
        return self.db.execute(
            _FREE, {**place, "rank": rank, "count": count}
        ).fetchall()

    def _draws_gold(self, ahead):
        """Whether the next but `ahead` that is served is gold, as by lot."""
        if not self.gold:
            return False
        text = f"{self.round}/{self.labeller}/{self.served + ahead}"
        drawn = hashlib.sha256(text.encode()).digest()
        return int.from_bytes(drawn[:8], "big") < self.gold * 2.0**64

    def rank_of(self, candidate):
        return self.db.execute(
            "SELECT rank, id FROM candidate WHERE id = ?", (candidate,)
        ).fetchone()[:2]

    def mark(self, of_class):
        """Which ones are marked on a page, by what is expected of the class."""
        rate = expected_rate(self.db, self.round, of_class)
        return "right" if rate < 0.5 else "wrong"

    def cell(self, candidate):
        row = self.db.execute(_CELLS, (candidate,)).fetchone()
        return {
            "candidate": row["id"],
            "class": row["class"],
            "rival": row["rival"],
            "width": row["width"],
            "height": row["height"],
        }


def expected_rate(db, number, of_class, strength=10.0):
    """Returns the share of a class' candidates that is expected to be right.

    What was expected before anyone labelled counts as `strength` decisions.

    Args:
        db: Connection of a `Store`.
        number: Int, the round.
        of_class: Int.
        strength: Float. Defaults to `10.0`.
    """
    row = db.execute(
        "SELECT rate FROM expectation WHERE round = ? AND class = ?",
        (number, of_class),
    ).fetchone()
    before = row["rate"] if row else 0.5
    seen = {
        row["outcome"]: row["count"]
        for row in db.execute(
            "SELECT outcome, sum(count) AS count FROM tally WHERE round = ? "
            "AND class = ? AND kind IN ('offer', 'audit') "
            "AND outcome IN ('tp', 'fp') "
            "GROUP BY outcome",
            (number, of_class),
        )
    }
    right, wrong = seen.get("tp", 0), seen.get("fp", 0)
    return (strength * before + right) / (strength + right + wrong)
