"""Requests of labellers: an id that stands for one content, for good."""

import hashlib
import json

from fgkeras.bootstrap.store.people import now

_LONGEST = 64


class RequestReused(ValueError):
    """One request id with two contents."""


def known_response(db, labeller, request, digest):
    """Returns the response to a request that came before, or `None`.

    Raises:
        RequestReused: If its id stands for another content, or person.
        ValueError: If it is no id.
    """
    if not isinstance(request, str) or not 1 <= len(request) <= _LONGEST:
        raise ValueError(
            f"A request has an id of 1 to {_LONGEST} characters. Received: "
            f"request={request!r}."
        )
    row = db.execute(
        "SELECT * FROM request WHERE id = ?", (request,)
    ).fetchone()
    if row is None:
        return None
    if row["digest"] != digest or row["labeller"] != labeller:
        raise RequestReused(
            "A request's id stands for one answer. Received: request="
            f"{request!r}, which was another. Make a new id for each."
        )
    return response_to(db, row["serial"], request)


def add_request(db, labeller, request, kind, digest, undoes=None):
    """Adds a request; returns its serial number."""
    return db.execute(
        "INSERT INTO request (id, labeller, kind, digest, undoes, time) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (request, labeller, kind, digest, undoes, now()),
    ).lastrowid


def response_to(db, serial, request):
    """Returns what is answered to a request, the same at any time."""
    rows = db.execute(
        "SELECT id, candidate, verdict, instead FROM decision "
        "WHERE request = ? ORDER BY place",
        (serial,),
    )
    answers = [
        {
            "decision": row["id"],
            "candidate": row["candidate"],
            "verdict": row["verdict"],
            "instead": row["instead"],
        }
        for row in rows
    ]
    return {"request": request, "answers": answers}


def digest_of(content):
    """Returns the checksum of what a request says."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_stranger(db, labeller):
    """Refuses whom the project does not know.

    Raises:
        ValueError: If so.
    """
    row = db.execute("SELECT 1 FROM labeller WHERE id = ?", (labeller,))
    if row.fetchone() is None:
        raise ValueError(
            "Labellers are those of the project. Received: labeller="
            f"{labeller}."
        )
