"""S and H as files that a training opens, frozen at one moment."""

import csv
import hashlib
import io
import json

from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import round_sets
from fgkeras.bootstrap.store.people import now
from fgkeras.storage import write_json
from fgkeras.storage import write_text

ACCEPTED, REJECTED = "accepted.csv", "rejected.csv"
# S, and the images that it is tested on, as one list.
TRAINING, _TEST = "training.csv", "test"
CLASSES, FACTS = "classes.csv", "sets.json"
_COLUMNS = ("path", "label", "round", "sha256", "source", "file")
_PROVENANCE = ("licence", "author", "url")


def write_sets(project, pictures, *, progress=None):
    """Writes S and H as the decisions so far make them.

    Every picture in them lies in the project afterwards, its bytes unchanged,
    so that nothing that changes elsewhere changes a training. Where no decision
    has come since, nothing is written. A call that was killed is repeated.

    Args:
        project: `Project`, with the work taken (`Project.working`).
        pictures: `KeptPictures`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Tuple of the number of these sets, and their facts, as in `sets.json`:
        `accepted`, `rejected` and `test` (how many images), `sha256` of each
        file, `through` (the last decision) and `rounds`, a list of the counts
        of each.

    Raises:
        ValueError: If a picture has changed since it was looked at.
    """
    with project.store.reading() as db:
        through = db.execute("SELECT max(id) FROM decision").fetchone()[0] or 0
        inside, outside = accepted_and_rejected(db)
        rounds = [_counts(round_sets(db, n)) for n in _numbers(db)]
        images = _images(db, [m.image for m in (*inside, *outside)])
        tests = [
            (row, row["class"], 0)
            for row in db.execute(
                "SELECT * FROM image WHERE origin = 'test' AND state = 'in' "
                "AND class IS NOT NULL ORDER BY id"
            )
        ]
        names = dict(db.execute("SELECT id, name FROM class").fetchall())
    members = {
        ACCEPTED: [(images[m.image], m.of_class, m.round) for m in inside],
        REJECTED: [(images[m.image], m.of_class, m.round) for m in outside],
        _TEST: tests,
    }
    total, done = sum(map(len, members.values())), 0
    texts = {CLASSES: _class_table(project, names)}
    tables = {}
    for file, rows in members.items():
        lines: list = []
        seen: dict = {}
        for row, of_class, number in rows:
            done += 1
            # One file, one row: a picture that stands for two classes has two.
            of = seen.setdefault(row["sha256"], [])
            if of_class in of:
                continue
            path = pictures.keep(row, len(of))
            of.append(of_class)
            lines.append(_line(path, names[of_class], number, row))
            if progress:
                progress(done, total)
        tables[file] = lines
    columns = [*_COLUMNS, *_PROVENANCE]
    for file in (ACCEPTED, REJECTED):
        if tables[file]:
            texts[file] = _table(columns, tables[file])
    texts[TRAINING] = _table(
        [*columns, "split"],
        [
            [*line, split]
            for name, split in ((ACCEPTED, "train"), (_TEST, "test"))
            for line in tables[name]
        ],
    )
    facts = {
        "accepted": len(inside),
        "rejected": len(outside),
        "test": len(tests),
        "sha256": {
            name: hashlib.sha256(text.encode()).hexdigest()
            for name, text in sorted(texts.items())
        },
        "through": through,
        "rounds": rounds,
    }
    last, known = project.last_applied()
    if last and _same(known, facts):
        return last, known
    number = last + 1
    folder = project.sets(number)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_text(folder / name, text)
    write_json(folder / FACTS, facts)
    # From here on it counts: a kill before leaves files that are overwritten.
    with project.store.writing() as db:
        db.execute(
            "INSERT INTO applied VALUES (?, ?, ?, ?)",
            (number, through, json.dumps(facts, sort_keys=True), now()),
        )
    return number, facts


def _same(known, facts):
    keys = ("sha256", "rounds")
    return all(known[key] == facts[key] for key in keys)


def _numbers(db):
    return [r[0] for r in db.execute("SELECT number FROM round ORDER BY 1")]


def _counts(found):
    return {
        "round": found.number,
        "offered": found.offered,
        "right": len(found.right),
        "wrong": len(found.wrong),
        "renamed": len(found.renamed),
        **found.neither,
        "undecided": found.undecided,
    }


def _images(db, numbers):
    found = {}
    numbers = sorted(set(numbers))
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        marks = ",".join("?" * len(some))
        for row in db.execute(
            f"SELECT * FROM image WHERE id IN ({marks})", some
        ):
            found[row["id"]] = row
    return found


def _line(path, label, number, row):
    place = f"../../images/{path.parent.name}/{path.name}"
    return [
        place, label, number, row["sha256"], row["source"], row["name"],
        *(" ".join(row[name].split()) for name in _PROVENANCE),
    ]  # fmt: skip


def _class_table(project, names):
    more = project.store.setting("hierarchy", {})
    words = project.store.setting("descriptions", {})
    columns = ["class", *more, *(["description"] if words else [])]
    lines = [
        [name, *(values[k] for values in more.values()),
         *([words.get(name, "")] if words else [])]
        for k, name in sorted(names.items())
    ]  # fmt: skip
    return _table(columns, lines)


def _table(columns, lines):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return file.getvalue()
