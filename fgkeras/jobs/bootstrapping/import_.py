"""A project from its file, or votes of other programs into one."""

import functools
import json
import pathlib
import shutil

from fgkeras.bootstrap.interchange import read_csv_votes
from fgkeras.bootstrap.interchange import read_fiftyone
from fgkeras.bootstrap.interchange import read_label_studio
from fgkeras.bootstrap.interchange.adopted_votes import adopt_votes
from fgkeras.bootstrap.interchange.restored_project import restore_jsonl
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.snapshot import FACTS
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE

# How a format is read, and how an error names a vote of it.
_READERS = {
    "csv": (read_csv_votes, lambda name, n: f"{name}, row {n + 1}"),
    "label-studio": (read_label_studio, lambda name, n: f"{name}, vote {n}"),
    "fiftyone": (read_fiftyone, lambda name, n: f"{name}, vote {n}"),
}
IMPORTS = ("jsonl", *_READERS)


def import_(path, file, format_="jsonl", *, labeller=None, reporter=CONSOLE):
    """Makes a project of its JSONL file, or adds votes to one.

    Of `jsonl` a new project is made, the same as the one that was exported; its
    pictures are where its sources say. Of the other formats votes are added to
    the candidates of a project, each once, however often a file is imported. A
    call that was killed is repeated.

    Args:
        path: Path of the project; with `jsonl` of a folder that is new, empty
            or the same project.
        file: Path of the file, as of `export`.
        format_: String, `"jsonl"` (default), `"csv"`, `"label-studio"` or
            `"fiftyone"`.
        labeller: String, whose votes they are instead of whom the file names;
            `None` (default).
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `format`, `file`, and, of `jsonl`, how many there are of each kind
        of line; else `votes`, `added`, `known` and `left_out`.

    Raises:
        ValueError: For another format, a file that is damaged or of something
            else, with the line; nothing is imported then.
    """
    if format_ not in IMPORTS:
        raise ValueError(
            f"`format` must be one of {list(IMPORTS)}. Received: "
            f"format={format_!r}."
        )
    file = pathlib.Path(file)
    if not file.exists():
        raise ValueError(
            "What is imported is there. Received: "
            f"{file}, where there is nothing. Check its name."
        )
    if format_ == "jsonl":
        if labeller is not None:
            raise ValueError(
                "`labeller` is of votes; a project names its own. Received: "
                f"labeller={labeller!r} with format jsonl. Leave it out."
            )
        found = _restored(pathlib.Path(path), file, reporter)
    else:
        found = _adopted(path, file, format_, labeller, reporter)
    return {"format": format_, "file": str(file), **found}


def _restored(path, file, reporter):
    new = not path.exists()
    project = Project.create(path)
    try:
        with project.working(), reporter.bar("reading the project") as bar:
            return restore_jsonl(
                file, project.store, progress=bar,
                ready=functools.partial(_write_facts, project),
            )  # fmt: skip
    except BaseException:
        if new:  # Nothing is left of what was refused.
            project.close()
            shutil.rmtree(path, ignore_errors=True)
        raise
    finally:
        project.close()


def _write_facts(project, db):
    """Writes what other verbs read beside the store."""
    for row in db.execute("SELECT number, facts FROM applied"):
        folder = project.sets(row["number"])
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / FACTS, json.loads(row["facts"]))
    for row in db.execute("SELECT number, manifest FROM round"):
        write_json(
            project.round(row["number"]) / "manifest.json",
            json.loads(row["manifest"]),
        )


def _adopted(path, file, format_, labeller, reporter):
    read, words = _READERS[format_]
    project = Project(path)
    try:
        with project.working(), reporter.bar("adding votes") as bar:
            found = adopt_votes(
                project.store,
                read(file),
                functools.partial(words, file.name),
                labeller=labeller,
                progress=bar,
            )
    finally:
        project.close()
    return {
        "votes": found.votes, "added": found.added, "known": found.known,
        "left_out": found.left_out,
    }  # fmt: skip
