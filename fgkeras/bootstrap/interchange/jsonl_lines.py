"""The lines of a project's JSONL file: what stands in them, in their order."""

import dataclasses
import hashlib
import json
import re

FORMAT, VERSION = "fgkeras-bootstrap", 1
HEADER, END = "header", "end"

# Where a project is served, and what its pages call it, is of one machine.
_LOCAL = ("address", "page_project")
_SECRET = re.compile("secret|token|password|cookie", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Kind:
    """Lines of one kind.

    Args:
        fields: Dict of a column to what it holds: `"int"`, `"real"`, `"text"`
            or `"json"` (an object), with a `?` where it may be null.
        select: String, the query that gives them in their order.
        derived: Tuple of columns that follow from the decisions.
    """

    fields: dict
    select: str
    derived: tuple = ()


# What every decision says of what it was made on, in words.
_ABOUT = """
SELECT d.id, d.candidate, d.labeller, d.verdict, d.instead, d.time, d.dwell_ms,
    d.mode, d.request, d.place, d.supersedes, l.name AS who, c.round,
    k.name AS class_name, n.name AS instead_name, i.sha256 AS image,
    i.name AS file, json_extract(r.manifest, '$.model') AS model, i.source,
    i.licence, i.author, i.url
FROM decision AS d JOIN labeller AS l ON l.id = d.labeller
JOIN candidate AS c ON c.id = d.candidate JOIN round AS r ON r.number = c.round
JOIN class AS k ON k.id = c.class JOIN image AS i ON i.id = c.image
LEFT JOIN class AS n ON n.id = d.instead ORDER BY d.id
"""

KINDS = {
    "class": Kind(
        {"id": "int", "name": "text", "description": "text"},
        "SELECT * FROM class ORDER BY id",
    ),
    "image": Kind(
        {
            "id": "int", "origin": "text", "name": "text", "sha256": "text",
            "hash": "int?", "mirror_hash": "int?", "width": "int",
            "height": "int", "class": "int?", "state": "text",
            "reason": "text", "same_as": "int?", "part": "int?",
            "relevance": "real?", "source": "text", "licence": "text",
            "author": "text", "url": "text", "columns": "json",
        },
        "SELECT * FROM image ORDER BY id",
    ),
    "labeller": Kind(
        {
            "id": "int", "name": "text", "created": "text", "paused": "text",
            "served": "int", "class": "int?",
        },
        "SELECT * FROM labeller ORDER BY id",
    ),
    "round": Kind(
        {
            "number": "int", "manifest": "json", "sha256": "text",
            "skip": "text", "gold": "real", "opened": "text",
        },
        "SELECT * FROM round ORDER BY number",
    ),
    "expectation": Kind(
        {"round": "int", "class": "int", "rate": "real"},
        "SELECT * FROM expectation ORDER BY round, class",
    ),
    "candidate": Kind(
        {
            "id": "int", "round": "int", "image": "int", "class": "int",
            "rival": "int?", "score": "real?", "rival_score": "real?",
            "rank": "int", "kind": "text", "weight": "real", "truth": "text?",
            "wanted": "int", "votes": "int", "state": "text",
            "outcome": "text", "instead": "int?", "risk": "real?",
        },
        "SELECT * FROM candidate ORDER BY id",
        ("votes", "state", "outcome", "instead"),
    ),
    "request": Kind(
        {
            "serial": "int", "id": "text", "labeller": "int", "kind": "text",
            "digest": "text", "undoes": "int?", "time": "text",
        },
        "SELECT * FROM request ORDER BY serial",
    ),
    "decision": Kind(
        {
            "id": "int", "candidate": "int", "labeller": "int",
            "verdict": "text", "instead": "int?", "time": "text",
            "dwell_ms": "int?", "mode": "text", "request": "int",
            "place": "int", "supersedes": "int?", "who": "text",
            "round": "int", "class_name": "text", "instead_name": "text?",
            "image": "text", "file": "text", "model": "text?",
            "source": "text", "licence": "text", "author": "text",
            "url": "text",
        },
        _ABOUT,
        (
            "who", "round", "class_name", "instead_name", "image", "file",
            "model", "source", "licence", "author", "url",
        ),
    ),
    "applied": Kind(
        {"number": "int", "through": "int", "facts": "json", "time": "text"},
        "SELECT * FROM applied ORDER BY number",
    ),
}  # fmt: skip


def jsonl_lines(db):
    """Yields the lines of a project as dicts, one at a time.

    A header with the settings, then all lines of each of `KINDS`, sorted, and
    an end with their number and the SHA-256 of those before it. Who may sign
    in (links, sessions), what is handed out at this moment, and settings of
    one machine are not among them.

    Args:
        db: Connection of a `Store` that is reading.

    Example:

    >>> import pathlib, tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> store = Store(pathlib.Path(tempfile.mkdtemp(), FILE), create=True)
    >>> with store.reading() as db:
    ...     [line["line"] for line in jsonl_lines(db)]
    ['header', 'end']
    """
    digest, count = hashlib.sha256(), 0
    for line in _lines(db):
        digest.update(encoded(line))
        count += 1
        yield line
    yield {"line": END, "lines": count, "sha256": digest.hexdigest()}


def encoded(line):
    """Returns a line as bytes, its break included.

    >>> encoded({"line": "class", "id": 1, "name": "\\u00e9lan"})
    b'{"id":1,"line":"class","name":"\\xc3\\xa9lan"}\\n'
    """
    text = json.dumps(
        line, ensure_ascii=False, sort_keys=True, separators=(",", ":"),
        allow_nan=False,
    )  # fmt: skip
    return text.encode() + b"\n"


def is_kept(setting):
    """Whether a setting of this name is of the project and no secret.

    >>> is_kept("seed"), is_kept("address"), is_kept("mail_token")
    (True, False, False)
    """
    return setting not in _LOCAL and _SECRET.search(setting) is None


def _lines(db):
    settings = {
        row["name"]: json.loads(row["value"])
        for row in db.execute("SELECT * FROM setting ORDER BY name")
        if is_kept(row["name"])
    }
    counts = {
        name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in KINDS
    }
    yield {
        "line": HEADER, "format": FORMAT, "version": VERSION,
        "settings": settings, "counts": counts,
    }  # fmt: skip
    for name, kind in KINDS.items():
        objects = [n for n, what in kind.fields.items() if what == "json"]
        for row in db.execute(kind.select):
            line = {"line": name, **{n: row[n] for n in kind.fields}}
            for key in objects:
                line[key] = json.loads(row[key])
            yield line
