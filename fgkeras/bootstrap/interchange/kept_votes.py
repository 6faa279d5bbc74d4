"""The votes of a project, as other programs are told them."""

_VOTES = """
SELECT i.sha256 AS image, i.name AS file, c.round, k.name AS class,
    q.name AS rival, c.score, l.name AS labeller, d.verdict, n.name AS instead,
    d.time, d.dwell_ms, d.mode, json_extract(r.manifest, '$.model') AS model,
    i.source, i.licence, i.author, i.url
FROM decision AS d JOIN candidate AS c ON c.id = d.candidate
JOIN image AS i ON i.id = c.image JOIN class AS k ON k.id = c.class
JOIN round AS r ON r.number = c.round JOIN labeller AS l ON l.id = d.labeller
LEFT JOIN class AS q ON q.id = c.rival LEFT JOIN class AS n ON n.id = d.instead
ORDER BY {}
"""
_ORDERS = {"time": "d.id", "candidate": "d.candidate, d.id"}


def kept_votes(db, order="time"):
    """Yields every decision of a project as a vote, one at a time.

    Use it to write a file of another program. What was taken back or answered
    anew stands there too, with the `undo` behind it: who reads all of a
    labeller's votes on a candidate in their order knows which one stands.

    Args:
        db: Connection of a `Store` that is reading.
        order: String: `"time"` (default) as they came, or `"candidate"`, those
            on one candidate together.

    Yields:
        Dicts as of `checked_vote`.

    Raises:
        ValueError: If `order` is neither.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     list(kept_votes(db))
    []
    """
    if order not in _ORDERS:
        raise ValueError(
            f"`order` must be one of {list(_ORDERS)}. Received: "
            f"order={order!r}."
        )
    for row in db.execute(_VOTES.format(_ORDERS[order])):
        yield dict(row)
