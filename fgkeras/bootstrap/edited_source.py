"""A labelled set after its likely errors were looked at."""

import json

from fgkeras.bootstrap.picture_table import COLUMNS
from fgkeras.bootstrap.picture_table import class_table
from fgkeras.bootstrap.picture_table import picture_line
from fgkeras.bootstrap.picture_table import table_text
from fgkeras.bootstrap.snapshot import CLASSES
from fgkeras.bootstrap.snapshot import freeze
from fgkeras.bootstrap.snapshot import round_counts
from fgkeras.bootstrap.store import round_sets

EDITED, EDITS = "edited.csv", "edits.csv"
SPLIT = "split of the source"


def write_edited(project, pictures, *, progress=None):
    """Writes a set with its labels kept, renamed or removed.

    What was called the rival is renamed; what was called bad, or a copy, is
    removed; all else stays as it was, so also what nobody has decided. Files
    of the same bytes stay where they stand under other labels or in other
    splits; under one label of one split the first is listed, and `edits.csv`
    says of which one the others are copies.

    Args:
        project: `Project` of kind `"settle"`, with the work taken.
        pictures: `KeptPictures`.
        progress: `None`, or callable of `(done, total)`.

    Returns:
        Tuple of a number and the facts, as `freeze`: with `images` (how many
        are listed), `kept`, `renamed`, `removed` and `listed_once` (how many
        were left out since the same picture is listed).
    """
    with project.store.reading() as db:
        through = db.execute("SELECT max(id) FROM decision").fetchone()[0] or 0
        found = round_sets(db, 1)
        rows = db.execute(
            "SELECT * FROM image WHERE origin = 'seed' AND state = 'in' "
            "ORDER BY id"
        ).fetchall()
        gone = {
            row["image"]
            for row in db.execute(
                "SELECT image FROM candidate WHERE state = 'settled' "
                "AND outcome IN ('bad', 'dup')"
            )
        }
        names = dict(db.execute("SELECT id, name FROM class").fetchall())
    renamed = {m.image: m.of_class for m in found.renamed}
    lines, edits = [], []
    seen: dict = {}
    for done, row in enumerate(rows):
        before = names[row["class"]]
        after = names[renamed.get(row["id"], row["class"])]
        split = json.loads(row["columns"]).get(SPLIT, "")
        why = "" if after == before else "renamed"
        # One file, one row: the same bytes elsewhere have a file of their own.
        twins = seen.setdefault(row["sha256"], {})
        if row["id"] in gone:
            after, why = "", "removed"
        elif (after, split) in twins:
            why = f"the same picture as {twins[after, split]}"
            after = ""
        else:
            path = pictures.keep(row, len(twins))
            twins[after, split] = row["name"]
            lines.append([*picture_line(path, after, 0, row), split])
        if why:
            edits.append([row["name"], split, before, after, why])
        if progress:
            progress(done + 1, len(rows))
    ids = {row["id"] for row in rows}
    texts = {
        CLASSES: class_table(project, names),
        EDITED: table_text([*COLUMNS, "split"], lines),
        EDITS: table_text(["file", "split", "was", "is", "why"], edits),
    }
    facts = {
        "images": len(lines),
        "kept": len(found.right),
        "renamed": len(renamed),
        "removed": len(gone),
        "listed_once": len(rows) - len(gone & ids) - len(lines),
        "through": through,
        "rounds": [round_counts(found)],
    }
    return freeze(project, texts, facts)
