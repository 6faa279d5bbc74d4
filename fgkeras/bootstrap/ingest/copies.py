"""Copies among the images of a project: within the pool, and of a test."""

import numpy as np

from fgkeras.bootstrap.duplicates import near_hashes
from fgkeras.bootstrap.ingest.signed_bits import unsigned

_ORDER = {"test": 0, "seed": 1, "pool": 2}


def mark_copies(store, *, limit=4):
    """Marks copies: the same bytes, or hashes that differ in a few bits.

    A picture of the pool that is in the pool or in the seed already is a
    `duplicate`; one of the pool or of the seed that is also a test image is a
    `leak`. Mirror images count as copies. Marked pictures stay out of all that
    follows; a seed's own copies stay, since somebody chose them.

    Args:
        store: `Store`.
        limit: Int from 0 to 8, bits. Defaults to `4`.

    Returns:
        Dict of `duplicates`, `leaks` and `seed_leaks` to how many there are.
    """
    with store.reading() as db:
        rows = db.execute(
            "SELECT id, origin, sha256, hash, mirror_hash FROM image "
            "WHERE origin IN ('test', 'seed', 'pool') AND state = 'in'"
        ).fetchall()
    rows.sort(key=lambda row: (_ORDER[row["origin"]], row["id"]))
    changes: dict = {}
    first: dict = {}
    for row in rows:
        _judge(row, first.setdefault(row["sha256"], row), "same bytes", changes)
    left = [row for row in rows if row["id"] not in changes]
    hashes = np.array(
        [[unsigned(r["hash"]), unsigned(r["mirror_hash"])] for r in left],
        np.uint64,
    ).reshape(-1, 2)
    found = near_hashes(hashes, limit=limit)
    order = np.lexsort((found.pairs[:, 0], found.pairs[:, 1]))
    for i, j in found.pairs[order]:
        earlier, row = left[i], left[j]
        if earlier["id"] not in changes:
            _judge(row, earlier, "looks the same", changes)
    with store.writing() as db:
        db.executemany(
            "UPDATE image SET state = ?, reason = ?, same_as = ? "
            "WHERE id = ? AND state = 'in'",
            [(*change, number) for number, change in changes.items()],
        )
        count = db.execute(
            "SELECT coalesce(sum(state = 'duplicate'), 0) AS duplicates, "
            "coalesce(sum(state = 'leak' AND origin = 'pool'), 0) AS leaks, "
            "coalesce(sum(state = 'leak' AND origin = 'seed'), 0) "
            "AS seed_leaks FROM image"
        ).fetchone()
    return dict(count)


def _judge(row, earlier, why, changes):
    """Notes what a picture is, given an earlier one that is like it."""
    if row["id"] == earlier["id"]:
        return
    if earlier["origin"] == "test" and row["origin"] != "test":
        changes[row["id"]] = ("leak", f"{why} as a test image", earlier["id"])
    elif row["origin"] == "pool" and row["id"] not in changes:
        where = "the seed" if earlier["origin"] == "seed" else "the pool"
        changes[row["id"]] = (
            "duplicate", f"{why} as one of {where}", earlier["id"],
        )  # fmt: skip
