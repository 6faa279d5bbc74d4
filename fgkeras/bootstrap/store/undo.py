"""Taking back, as often as one likes, what one answered last."""

import json

from fgkeras.bootstrap.store.cards import CARD_SECONDS
from fgkeras.bootstrap.store.cards import PAGE_SECONDS
from fgkeras.bootstrap.store.cards import current_round
from fgkeras.bootstrap.store.outcome import settle
from fgkeras.bootstrap.store.people import now
from fgkeras.bootstrap.store.requests import add_request
from fgkeras.bootstrap.store.requests import digest_of
from fgkeras.bootstrap.store.requests import known_response
from fgkeras.bootstrap.store.requests import refuse_stranger
from fgkeras.bootstrap.store.requests import response_to

_FRONT = 64  # More than a page holds.


def undo(store, labeller, request):
    """Takes back the last request of somebody that still stands.

    Nothing is removed: rows are added that supersede. What was taken back is
    handed out to the same person first. Repeated, it goes further back, within
    the round that is labelled.

    Args:
        store: `Store`.
        labeller: Int, id of who takes back.
        request: As `decide`.

    Returns:
        As `decide`, with the verdict `"undo"`; no answers where there was
        nothing to take back.

    Raises:
        RequestReused, ValueError, StoreFull: As `decide`.
    """
    digest = digest_of({"undo": True})
    with store.writing() as db:
        known = known_response(db, labeller, request, digest)
        if known is not None:
            return known
        refuse_stranger(db, labeller)
        last = db.execute(
            "SELECT r.* FROM request AS r WHERE r.labeller = ? "
            "AND r.kind IN ('card', 'page', 'adjudicate') AND NOT EXISTS ("
            "SELECT 1 FROM request AS u WHERE u.undoes = r.serial) "
            # A page of which all was left has nothing to take back.
            "AND EXISTS ("
            "SELECT 1 FROM decision AS d WHERE d.request = r.serial) "
            "ORDER BY r.serial DESC LIMIT 1",
            (labeller,),
        ).fetchone()
        taken = []
        if last is not None:
            taken = db.execute(
                "SELECT d.*, c.round FROM decision AS d "
                "JOIN candidate AS c ON c.id = d.candidate "
                "WHERE d.request = ? ORDER BY d.place",
                (last["serial"],),
            ).fetchall()
        if any(row["round"] != current_round(db) for row in taken):
            taken = []
        serial = add_request(
            db, labeller, request, "undo", digest,
            last["serial"] if taken else None,
        )  # fmt: skip
        page = _page_of(db, labeller, taken) if taken else None
        seconds = PAGE_SECONDS if page else CARD_SECONDS
        for place, row in enumerate(taken):
            db.execute(
                "INSERT INTO decision (candidate, labeller, verdict, time, "
                "mode, request, place, supersedes) "
                "VALUES (?, ?, 'undo', ?, ?, ?, ?, ?)",
                (row["candidate"], labeller, now(), row["mode"], serial,
                 place, row["id"]),
            )  # fmt: skip
            _restore_vote(db, row["candidate"], labeller)
            settle(db, row["candidate"])
            if row["mode"] != "adjudicate":
                # Before all that is handed out, in its own order.
                front = place - _FRONT * serial
                db.execute(
                    "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)",
                    (row["candidate"], labeller, store.clock() + seconds,
                     front, page),
                )  # fmt: skip
        return response_to(db, serial, request)


def _restore_vote(db, candidate, labeller):
    """Makes the vote what the decisions say that still stand."""
    row = db.execute(
        "SELECT d.* FROM decision AS d WHERE d.candidate = ? "
        "AND d.labeller = ? AND d.verdict <> 'undo' AND NOT EXISTS ("
        "SELECT 1 FROM decision AS u WHERE u.verdict = 'undo' "
        "AND u.supersedes = d.id) ORDER BY d.id DESC LIMIT 1",
        (candidate, labeller),
    ).fetchone()
    db.execute(
        "DELETE FROM vote WHERE candidate = ? AND labeller = ?",
        (candidate, labeller),
    )
    if row is not None:
        db.execute(
            "INSERT INTO vote VALUES (?, ?, ?, ?, ?, ?)",
            (candidate, labeller, row["id"], row["verdict"], row["instead"],
             row["mode"]),
        )  # fmt: skip


def _page_of(db, labeller, taken):
    """The page that decisions were made on, or `None`."""
    if taken[0]["mode"] not in ("grid_marked", "grid_rest"):
        return None
    wanted = {row["candidate"] for row in taken}
    for row in db.execute(
        "SELECT id, candidates FROM page WHERE labeller = ? AND class = ("
        "SELECT class FROM candidate WHERE id = ?)",
        (labeller, taken[0]["candidate"]),
    ):
        if wanted <= set(json.loads(row["candidates"])):
            return row["id"]
    return None
