"""The report of a project: one page, and its numbers as JSON."""

import pathlib

from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.report import report_numbers
from fgkeras.bootstrap.report import report_page
from fgkeras.data.batches.arrays import thumbnail
from fgkeras.data.images.image import normalize
from fgkeras.jobs.bootstrapping.pictures import pictures_of
from fgkeras.jobs.page_folder import check_place
from fgkeras.storage import write_json
from fgkeras.training.reporter import CONSOLE

_KIND = "bootstrap report"


def report(path, *, out=None, reporter=CONSOLE):
    """Writes what people and models made of a project as one offline page.

    It may be written at any time, also while people label. The same state of
    the project gives the same bytes. `report.json` beside the page has all the
    numbers.

    Args:
        path: Path of the project.
        out: Path of a folder; `None` (default) for `report` in the project.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Tuple of the numbers, a dict (see `report_numbers`), and the
        `pathlib.Path` of the page.

    Raises:
        ValueError: If the folder holds another page, or the project settles
            label errors.
    """
    project = Project(path)
    if project.store.setting("kind") == "settle":
        raise ValueError(
            "A report is of a set that grows. Received: "
            f"{path}, where label errors are settled. What was changed is "
            "listed in edits.csv of its last sets: `fgkeras bootstrap status "
            f"{path}`."
        )
    name = project.path.resolve().name
    out = project.path / "report" if out is None else pathlib.Path(out)
    check_place(out, "report", "A report", _other(name))
    try:
        with reporter.bar("counting decisions") as bar:
            found = {"kind": _KIND, "project": name, **report_numbers(project)}
            bar(1, 1)
        page = report_page(
            out / "report.html",
            found,
            title=name,
            read_picture=_pictures(project, found, reporter),
        )
        write_json(out / "report.json", found)
    finally:
        project.close()
    return found, page


def _other(name):
    """What says of a folder's page whether it is of another project."""

    def held(found):
        if found["kind"] != _KIND:
            return "another page"
        there = found["project"]
        return None if there == name else f"that of {there}"

    return held


def _pictures(project, found, reporter):
    """Reads what the page shows; what cannot be read is left out."""
    wanted = {
        image
        for key in ("random", "nearest")
        for row in found["negatives"][key]
        for image in (row["image"], *row["exemplars"])
    }
    pictures, read = pictures_of(project), {}
    with reporter.bar("reading pictures") as bar:
        for done, image in enumerate(sorted(wanted), 1):
            with project.store.reading() as db:
                row = db.execute(
                    "SELECT origin, name, sha256 FROM image WHERE id = ?",
                    (image,),
                ).fetchone()
            read[image] = _picture(pictures, row)
            bar(done, len(wanted))
    return read.get


def _picture(pictures, row):
    try:
        return thumbnail(normalize(pictures.read(row)))
    except (ValueError, OSError, KeyError):
        # Moved or changed since: the numbers stand without it.
        return None
