"""A project from its JSONL file: all of it, or nothing."""

import json
import pathlib
import sqlite3

from fgkeras.bootstrap.interchange.jsonl_lines import END
from fgkeras.bootstrap.interchange.jsonl_lines import FORMAT
from fgkeras.bootstrap.interchange.jsonl_lines import HEADER
from fgkeras.bootstrap.interchange.jsonl_lines import KINDS
from fgkeras.bootstrap.interchange.jsonl_lines import VERSION
from fgkeras.bootstrap.interchange.jsonl_lines import is_kept
from fgkeras.bootstrap.interchange.jsonl_lines import jsonl_lines
from fgkeras.bootstrap.interchange.vote import shortened
from fgkeras.bootstrap.store.outcome import settle
from fgkeras.bootstrap.store.rounds import manifest_sha256

_EACH = 1000
_LONGEST = 2**26
_TYPES = {"int": (int,), "real": (float,), "text": (str,), "json": (dict,)}
_WORDS = {
    "int": "a whole number", "real": "a number with a point", "text": "text",
    "json": "an object",
}  # fmt: skip


def restore_jsonl(path, store, *, progress=None, ready=None):
    """Reads what `write_jsonl` wrote into an empty store.

    Rows come from the file; votes and what they come to are made of the
    decisions by the store's own rules. Then every line is held against what
    the store would write: a file of which one does not follow from the others
    is refused, and the store stays empty. A store that holds just this file
    already is left as it is. One line is held at a time.

    The file says which sources a project opens: take none of strangers.

    Args:
        path: Path of the file.
        store: `Store` without images, classes and decisions.
        progress: `None`, or callable of `(done, total)` bytes; the file is read
            twice.
        ready: `None`, or callable of the connection, called before all of it
            counts.

    Returns:
        Dict of `KINDS` to how many there are.

    Raises:
        ValueError: For a line that is damaged, with its number, or a store
            that holds something else.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.store import FILE, Store
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> store = Store(folder / FILE, create=True)
    >>> _ = (folder / "x.jsonl").write_text('{"line": "class"}')
    >>> restore_jsonl(folder / "x.jsonl", store)
    Traceback (most recent call last):
    ...
    ValueError: x.jsonl, line 1: the first line must be the header of a \
project of version 1. Received: {'line': 'class'}. Write it with `fgkeras \
bootstrap export PROJECT --format jsonl`.
    """
    path = pathlib.Path(path)
    total = 2 * path.stat().st_size

    def told(before):
        def tell(done):
            if progress:
                progress(before + done, total)

        return tell

    with store.writing() as db:
        _first(path)
        empty = _is_empty(db)
        if empty:
            db.execute("PRAGMA defer_foreign_keys = ON")
            _insert_all(path, db, told(0))
            _check_references(path, db)
            _rebuild(db)
        try:
            counts = _compare(path, db, told(total // 2))
        except ValueError as error:
            if empty:
                raise
            raise ValueError(
                "A project is restored into a new folder. Received: "
                f"{store.path.parent}, which holds another. Choose one that "
                "is not there."
            ) from error
        if ready:
            ready(db)
    return counts


def _insert_all(path, db, tell):
    """Puts the file's rows in, without what follows from them."""
    for number, line in _lines(path, tell):
        where = f"{path.name}, line {number}"
        name = line["line"]
        if number == 1:
            for key, value in line["settings"].items():
                text = json.dumps(value, ensure_ascii=False, sort_keys=True)
                db.execute("INSERT INTO setting VALUES (?, ?)", (key, text))
            continue
        if name == END:
            continue
        kind = _checked(line, where)
        columns = [n for n in kind.fields if n not in kind.derived]
        values = [
            _text_of(line[n], name) if kind.fields[n] == "json" else line[n]
            for n in columns
        ]
        try:
            db.execute(
                f"INSERT INTO {name} ({', '.join(columns)}) "
                f"VALUES ({', '.join('?' * len(columns))})",
                values,
            )
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise ValueError(
                f"{where}: a line must fit in with those before. Received: "
                f"{shortened(line)} ({error}). Export the project again."
            ) from error
        except UnicodeEncodeError as error:
            raise ValueError(
                f"{where}: text must have a form in UTF-8. Received: "
                f"{shortened(line)}."
            ) from error


def _text_of(value, name):
    """JSON as the store writes it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=name != "image")


def _checked(line, where):
    """The `Kind` of a line whose fields are of the right types."""
    name = line["line"]
    if name not in KINDS:
        raise ValueError(
            f"{where}: a line must be one of {', '.join(KINDS)}. Received: "
            f"{shortened(name)}."
        )
    kind = KINDS[name]
    if line.keys() != {"line", *kind.fields}:
        odd = sorted(line.keys() ^ {"line", *kind.fields})
        raise ValueError(
            f"{where}: a line of a {name} has the fields "
            f"{', '.join(kind.fields)}. Received: one that differs in "
            f"{shortened(', '.join(odd))}."
        )
    for key, what in kind.fields.items():
        what, _, more = what.partition("?")
        value, maybe = line[key], more or kind.fields[key].endswith("?")
        if not (type(value) in _TYPES[what] or (value is None and maybe)):
            raise ValueError(
                f"{where}: {key} must be {_WORDS[what]}"
                f"{' or null' if maybe else ''}. Received: "
                f"{key}={shortened(value)}."
            )
    if name == "round" and manifest_sha256(line["manifest"]) != line["sha256"]:
        raise ValueError(
            f"{where}: a round has the checksum of its manifest. Received: "
            f"sha256={line['sha256']}. Export the project again."
        )
    if name == "labeller" and not (
        1 <= len(line["name"]) <= 80 and line["name"].isprintable()
    ):
        raise ValueError(
            f"{where}: a labeller's name has 1 to 80 printable characters. "
            f"Received: {shortened(line['name'])}."
        )
    return kind


def _rebuild(db):
    """Makes votes, and what they come to, of the decisions."""
    db.execute(
        "INSERT INTO vote SELECT d.candidate, d.labeller, d.id, d.verdict, "
        "d.instead, d.mode FROM effective_vote AS e "
        "JOIN decision AS d ON d.id = e.decision"
    )
    last = 0
    while rows := db.execute(
        "SELECT DISTINCT candidate FROM decision WHERE candidate > ? "
        "ORDER BY candidate LIMIT ?",
        (last, _EACH),
    ).fetchall():
        for row in rows:
            last = row["candidate"]
            settle(db, last)


def _compare(path, db, tell):
    """Holds each line against what the store would write; counts them."""
    counts = dict.fromkeys(KINDS, 0)
    made = jsonl_lines(db)
    for number, line in _lines(path, tell):
        expected = next(made, None)
        if line != expected:
            raise ValueError(
                f"{path.name}, line {number}: a line must follow from the "
                f"others. {_difference(line, expected)} Export the project "
                "again, into an empty folder."
            )
        if line["line"] in counts:
            counts[line["line"]] += 1
    if next(made, None) is not None:
        raise ValueError(
            f"{path.name}: the last line must be the end. Received: a file "
            "that was cut. Copy it again."
        )
    return counts


def _difference(line, expected):
    """What of a line is not as expected."""
    if expected is None or line["line"] != expected["line"]:
        other = "nothing" if expected is None else f"a line {expected['line']}"
        return f"Received: a line {shortened(line['line'])} instead of {other}."
    for key in sorted({*line, *expected}):
        if line.get(key) != expected.get(key):
            return (
                f"Received: {key}={shortened(line.get(key))} instead of "
                f"{shortened(expected.get(key))}."
            )
    return "Received: another line."


def _check_references(path, db):
    """What a row refers to must be there; said before it counts."""
    row = db.execute("PRAGMA foreign_key_check").fetchone()
    if row is not None:
        raise ValueError(
            f"{path.name}: what a line refers to must be there. Received: a "
            f"{row[0]} of a {row[2]} that is not. Export the project again."
        )


def _is_empty(db):
    return not any(
        db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
        for name in (*KINDS, "setting")
    )


def _first(path):
    """Refuses what is no file of ours before anything is done."""
    for _, line in _lines(path, lambda done: None):
        settings = line.get("settings")
        if not (
            line["line"] == HEADER
            and line.get("format") == FORMAT
            and type(line.get("version")) is int
            and line["version"] == VERSION
            and isinstance(settings, dict)
            and all(map(is_kept, settings))
        ):
            raise ValueError(
                f"{path.name}, line 1: the first line must be the header of a "
                f"project of version {VERSION}. Received: {shortened(line)}. "
                "Write it with `fgkeras bootstrap export PROJECT --format "
                "jsonl`."
            )
        return
    raise ValueError(
        f"{path.name}, line 1: the first line must be a header. Received: an "
        "empty file."
    )


def _lines(path, tell):
    """Yields the number of each line, from 1 on, and what it says."""
    done = number = 0
    with open(path, "rb") as file:
        while data := file.readline(_LONGEST):
            number, done = number + 1, done + len(data)
            where = f"{path.name}, line {number}"
            if len(data) == _LONGEST:
                raise ValueError(f"{where}: a line has at most 64 MB.")
            try:
                line = json.loads(data, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                raise ValueError(
                    f"{where}: a line must be JSON in UTF-8. Received: "
                    f"{shortened(data[:60])} ({type(error).__name__}). Copy "
                    "the file again."
                ) from error
            if not isinstance(line, dict) or not isinstance(
                line.get("line"), str
            ):
                raise ValueError(
                    f"{where}: a line must be an object that says what it is. "
                    f"Received: {shortened(line)}."
                )
            yield number, line
            if number % _EACH == 0:
                tell(done)
    tell(done)


def _refuse_constant(name):
    raise ValueError(f"{name} is no number of JSON")
