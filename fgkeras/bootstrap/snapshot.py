"""S and H as files that a training opens, frozen at one moment."""

import hashlib
import json

from fgkeras.bootstrap.picture_table import COLUMNS
from fgkeras.bootstrap.picture_table import class_table
from fgkeras.bootstrap.picture_table import picture_line
from fgkeras.bootstrap.picture_table import table_text
from fgkeras.bootstrap.store import accepted_and_rejected
from fgkeras.bootstrap.store import round_sets
from fgkeras.bootstrap.store.people import now
from fgkeras.storage import write_json
from fgkeras.storage import write_text

ACCEPTED, REJECTED = "accepted.csv", "rejected.csv"
# S, and the images that it is tested on, as one list.
TRAINING, _TEST = "training.csv", "test"
CLASSES, FACTS = "classes.csv", "sets.json"


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
        rounds = [round_counts(round_sets(db, n)) for n in _numbers(db)]
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
    texts = {CLASSES: class_table(project, names)}
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
            lines.append(picture_line(path, names[of_class], number, row))
            if progress:
                progress(done, total)
        tables[file] = lines
    columns = list(COLUMNS)
    for file in (ACCEPTED, REJECTED):
        if tables[file]:
            texts[file] = table_text(columns, tables[file])
    texts[TRAINING] = table_text(
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
        "through": through,
        "rounds": rounds,
    }
    return freeze(project, texts, facts)


def freeze(project, texts, facts):
    """Writes what an `apply` left, under a number of its own.

    Args:
        project: `Project`, with the work taken.
        texts: Dict of file name to text.
        facts: Dict ready for JSON, with `through`, the last decision, and
            `rounds`; checksums of the files are added.

    Returns:
        Tuple of the number, that of the last time where nothing has changed
        since, and the facts.
    """
    facts["sha256"] = {
        name: hashlib.sha256(text.encode()).hexdigest()
        for name, text in sorted(texts.items())
    }
    last, known = project.last_applied()
    same = bool(last) and _same(known, facts)
    number = last if same else last + 1
    folder = project.sets(number)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        # What an import left out is made again; what is there stays.
        if not (same and (folder / name).is_file()):
            write_text(folder / name, text)
    write_json(folder / FACTS, facts)
    # From here on it counts: a kill before leaves files that are overwritten.
    with project.store.writing() as db:
        db.execute(
            "INSERT OR REPLACE INTO applied VALUES (?, ?, ?, ?)",
            (
                number,
                facts["through"],
                json.dumps(facts, sort_keys=True),
                now(),
            ),
        )
    return number, facts


def _same(known, facts):
    keys = ("sha256", "rounds")
    return all(known[key] == facts[key] for key in keys)


def _numbers(db):
    return [r[0] for r in db.execute("SELECT number FROM round ORDER BY 1")]


def round_counts(found):
    """Returns a `RoundSets` as counts, a dict ready for JSON."""
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
