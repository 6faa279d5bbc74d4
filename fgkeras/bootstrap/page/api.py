"""The JSON that the script of the page, and other programs, speak."""

from fgkeras.bootstrap.page import queries
from fgkeras.bootstrap.page import request_body as body
from fgkeras.bootstrap.page.exemplars import exemplars
from fgkeras.bootstrap.page.shown_counts import left_note
from fgkeras.bootstrap.page.shown_counts import shown_open
from fgkeras.bootstrap.page.shown_counts import shown_progress
from fgkeras.bootstrap.store import adjudicate
from fgkeras.bootstrap.store import commit
from fgkeras.bootstrap.store import conflicts
from fgkeras.bootstrap.store import decide
from fgkeras.bootstrap.store import history
from fgkeras.bootstrap.store import next_cards
from fgkeras.bootstrap.store import next_page
from fgkeras.bootstrap.store import undo
from fgkeras.bootstrap.store.cards import current_round

_CARDS = (1, 24)
_CONFLICTS = (1, 200)
_HISTORY = (1, 200)


class Api:
    """Questions and answers of one project, as dicts ready for JSON.

    Each method takes who asks and either the query of the address (a mapping
    of strings) or the body (bytes). What it raises is said in
    `fgkeras.bootstrap.page.app`.

    Args:
        site: `Site`.
    """

    def __init__(self, site):
        self._site, self._store = site, site.store

    def cards(self, person, query):
        """Returns candidates to decide one by one, see `next_cards`."""
        count = number_of(query, "count", 6, _CARDS)
        of_class = self._class_of(query)
        found = next_cards(self._store, person, count, of_class=of_class)
        with self._store.reading() as db:
            return {
                "cards": [self._cell(db, cell) for cell in found],
                **self._outlook(db, person, of_class, bool(found)),
                "round": current_round(db),
            }

    def page(self, person, query):
        """Returns a page of candidates of one class, see `next_page`."""
        if not self._site.grids:
            raise ValueError(
                "Labels are settled one by one. Received: a page. Ask for "
                "cards."
            )
        size = number_of(query, "size", 36, None)
        of_class = self._class_of(query)
        found = next_page(self._store, person, size, of_class=of_class)
        with self._store.reading() as db:
            left = self._outlook(db, person, of_class, found is not None)
            if found is None:
                return {"page": None, **left}
            return {
                "page": found["page"],
                "class": found["class"],
                "class_name": queries.class_name(db, found["class"]),
                "mark": found["mark"],
                "cells": [self._cell(db, cell) for cell in found["cells"]],
                **left,
            }

    def conflicts(self, person, query):
        """Returns what people disagree about, with all votes."""
        count = number_of(query, "count", 6, _CONFLICTS)
        found = conflicts(self._store, count)
        with self._store.reading() as db:
            cards = [
                {
                    **self._cell(db, cell),
                    "votes": [
                        {
                            **vote,
                            "instead_name": queries.class_name(
                                db, vote["instead"]
                            ),
                        }
                        for vote in cell["votes"]
                    ],
                }
                for cell in found
            ]
            left = db.execute(
                "SELECT coalesce(sum(count), 0) FROM tally "
                "WHERE round = ? AND state = 'conflict'",
                (current_round(db),),
            ).fetchone()[0]
        return {"cards": cards, "open": left}

    def exemplars(self, person, query):
        """Returns what a class looks like."""
        of_class = self._class_of(query)
        if of_class is None:
            raise ValueError(
                "Exemplars are of one class. Received: no `class`. Add "
                "?class=ID."
            )
        with self._store.reading() as db:
            name, description = queries.class_facts(db, of_class)
        return {
            "class": of_class,
            "name": name,
            "description": description,
            "exemplars": [
                {
                    "image": f"/exemplar/{row['id']}",
                    "width": row["width"],
                    "height": row["height"],
                }
                for row in exemplars(self._store, of_class)
            ],
        }

    def progress(self, person, query):
        """Returns how far the round is, see `shown_progress`."""
        return shown_progress(self._store, person)

    def history(self, person, query):
        """Returns what somebody answered last, see `history`."""
        count = number_of(query, "count", 50, _HISTORY)
        before = number_of(query, "before", None, None)
        return {"decisions": history(self._store, person, count, before)}

    def decide(self, person, data):
        """Keeps an answer, see `decide`."""
        content = body.request_body(
            data,
            ["request", "candidate", "verdict"],
            ["instead", "dwell_ms"],
        )
        answer = body.answer_of(content)
        return decide(self._store, person, content["request"], answer)

    def commit(self, person, data):
        """Keeps the answers to a page, see `commit`."""
        content = body.request_body(
            data,
            ["request", "page", "marked"],
            ["others", "left", "dwell_ms"],
        )
        return commit(
            self._store,
            person,
            content["request"],
            body.text_of(content, "page"),
            body.wholes_of(content, "marked"),
            others=body.answers_of(content, "others"),
            left=body.wholes_of(content, "left"),
            dwell_ms=body.whole_of(content, "dwell_ms"),
        )

    def adjudicate(self, person, data):
        """Keeps the answer that ends a disagreement, see `adjudicate`."""
        content = body.request_body(
            data,
            ["request", "candidate", "verdict"],
            ["instead", "dwell_ms"],
        )
        answer = body.answer_of(content)
        return adjudicate(self._store, person, content["request"], answer)

    def undo(self, person, data):
        """Takes back the last answer, see `undo`."""
        content = body.request_body(data, ["request"])
        return undo(self._store, person, content["request"])

    def prepare(self, person, of_class, size, count):
        """Makes thumbnails of what somebody is likely to see next."""
        with self._store.reading() as db:
            rows = queries.upcoming_images(db, person, of_class, count)
        for row in rows:
            self._site.pictures.prepare(row, size)

    def _outlook(self, db, person, of_class, given):
        """How much is left, and why where nothing of it was given."""
        left = {"open": sum(shown_open(db, person, of_class).values())}
        note = "" if given else left_note(db, person, of_class)
        return {**left, "note": note} if note else left

    def _class_of(self, query):
        of_class = number_of(query, "class", None, None)
        if of_class is not None:
            with self._store.reading() as db:
                known = queries.class_facts(db, of_class)
            if known is None:
                raise ValueError(
                    "Classes are those of the project. Received: class="
                    f"{of_class}."
                )
        return of_class

    def _cell(self, db, cell):
        """A candidate as it is shown: no score, no kind, no file name."""
        return {
            "candidate": cell["candidate"],
            "class": cell["class"],
            "class_name": queries.class_name(db, cell["class"]),
            "rival": cell["rival"],
            "rival_name": queries.class_name(db, cell["rival"]),
            "width": cell["width"],
            "height": cell["height"],
            "image": f"/img/{cell['candidate']}",
        }


def number_of(query, name, default, bounds):
    """Returns a whole number of the query of an address.

    Args:
        query: Mapping of strings.
        name: String.
        default: Int or `None`, where it is not there.
        bounds: Tuple of the least and the most, or `None`.

    Raises:
        ValueError: If it is none, or out of range.

    Example:

    >>> number_of({"count": "3"}, "count", 6, (1, 24))
    3
    """
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(
            f"`{name}` is a whole number. Received: {name}={text[:40]!r}."
        )
    low, high = bounds or (0, 10**18)
    if not low <= int(text) <= high:
        raise ValueError(
            f"`{name}` is from {low} to {high}. Received: {name}={text}."
        )
    return int(text)
