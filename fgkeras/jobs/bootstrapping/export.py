"""A project as files: of its own, of other programs, or to train on."""

import pathlib

from fgkeras.bootstrap.interchange import write_csv_votes
from fgkeras.bootstrap.interchange import write_fiftyone
from fgkeras.bootstrap.interchange import write_label_studio
from fgkeras.bootstrap.interchange.jsonl import write_jsonl
from fgkeras.bootstrap.interchange.kept_votes import kept_votes
from fgkeras.bootstrap.interchange.sets_folder import applied_sets
from fgkeras.bootstrap.interchange.sets_folder import write_sets_folder
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.snapshot import REJECTED
from fgkeras.bootstrap.snapshot import TRAINING
from fgkeras.data.open import open as open_source
from fgkeras.data.records.convert import convert
from fgkeras.training.reporter import CONSOLE

# Of the formats that are one file, how its name ends.
_ENDINGS = {"jsonl": ".jsonl", "csv": ".csv", "label-studio": ".json"}
EXPORTS = ("jsonl", "csv", "sets", "records", "label-studio", "fiftyone")


def export(path, out, format_="jsonl", *, reporter=CONSOLE):
    """Writes a project as files.

    | format | what |
    | --- | --- |
    | `jsonl` | all but the pictures; `import` makes the same project of it |
    | `csv` | every decision as a row, for spreadsheets |
    | `label-studio` | every decision as JSON tasks of Label Studio |
    | `fiftyone` | the same as a folder that FiftyOne opens |
    | `sets` | S and H with pictures, a folder to train on |
    | `records` | the same as TFRecords |

    People may go on labelling: one moment is written. A call that was killed
    is repeated.

    Args:
        path: Path of the project.
        out: Path of a file, of a folder where the format is one.
        format_: String, see above. Defaults to `"jsonl"`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `format`, `out`, and what was written: `lines`, `votes`, or the
        counts of the sets.

    Raises:
        ValueError: For another format, a place that holds something else, or
            sets that were never applied.
    """
    if format_ not in EXPORTS:
        raise ValueError(
            f"`format` must be one of {list(EXPORTS)}. Received: "
            f"format={format_!r}."
        )
    project, out = Project(path), pathlib.Path(out)
    try:
        if format_ in _ENDINGS:
            _check_file(out, _ENDINGS[format_], format_)
        with reporter.bar(f"writing {format_}") as bar:
            found = _WRITERS[format_](out, project, bar)
    finally:
        project.close()
    return {"format": format_, "out": str(out), **found}


def _check_file(out, ending, format_):
    found = None
    if out.suffix != ending:
        found = f"a name that does not end in {ending}"
    elif out.exists() and not out.is_file():
        found = "a folder"
    elif out.is_symlink():
        found = "a link"
    if found:
        raise ValueError(
            f"{format_} is one file, such as votes{ending}. Received: {out}, "
            f"{found}. Choose another (--out)."
        )
    out.parent.mkdir(parents=True, exist_ok=True)


def _jsonl(out, project, bar):
    return {"lines": write_jsonl(out, project.store, progress=bar)}


def _votes(write, order):
    """How votes are written by a function of a path and an iterator."""

    def written(out, project, bar):
        with project.store.reading() as db:
            total = db.execute("SELECT count(*) FROM decision").fetchone()[0]
            told = _told(kept_votes(db, order), bar, total)
            return {"votes": write(out, told)}

    return written


def _told(votes, bar, total):
    for done, vote in enumerate(votes, 1):
        yield vote
        if done % 1000 == 0 or done == total:
            bar(done, total)


def _sets(out, project, bar):
    return write_sets_folder(out, project, progress=bar)


def _records(out, project, bar):
    number, facts = applied_sets(project)
    folder = project.sets(number)
    names = [n for n in (TRAINING, REJECTED) if (folder / n).is_file()]
    for name in names:
        stem = name.removesuffix(".csv")
        source = open_source(f"csv:{folder / name}")
        convert(source, out / stem, name=stem, progress=bar)
    counts = ("accepted", "rejected", "test")
    return {"number": number, **{key: facts[key] for key in counts}}


_WRITERS = {
    "jsonl": _jsonl,
    "csv": _votes(write_csv_votes, "time"),
    "label-studio": _votes(write_label_studio, "candidate"),
    "fiftyone": _votes(write_fiftyone, "candidate"),
    "sets": _sets,
    "records": _records,
}
