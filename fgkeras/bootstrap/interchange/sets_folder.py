"""S and H with their pictures as one folder that stands alone."""

import csv
import hashlib
import io
import pathlib

from fgkeras.bootstrap.edited_source import EDITED
from fgkeras.bootstrap.snapshot import ACCEPTED
from fgkeras.bootstrap.snapshot import CLASSES
from fgkeras.bootstrap.snapshot import FACTS
from fgkeras.bootstrap.snapshot import REJECTED
from fgkeras.bootstrap.snapshot import TRAINING
from fgkeras.storage import read_json
from fgkeras.storage import whole_file
from fgkeras.storage import write_json
from fgkeras.storage import write_text

_BEFORE = "../../images/"
_MARK = "export.json"


def write_sets_folder(out, project, *, progress=None):
    """Copies the sets that were applied last, lists and pictures.

    The lists name the pictures beside them, so that the folder can be moved and
    opens as it is: `csv:OUT/accepted.csv` are the images of S, with their
    classes; `csv:OUT/rejected.csv` those of H, each with the class that it is
    not; `csv:OUT/training.csv` is S with its test images. Hard negatives are
    trained on by methods with triplets: `--method triplet-a --set
    method.rejected=csv:OUT/rejected.csv`. A call that was killed goes on when
    it is repeated; the lists come last.

    Args:
        out: Path of a folder that is new, empty, or holds the same sets.
        project: `Project` with sets that were applied.
        progress: `None`, or callable of `(done, total)` pictures.

    Returns:
        Dict of the sets' `number`, `accepted`, `rejected`, `test`, and
        `pictures`, how many files there are.

    Raises:
        ValueError: If nothing was applied, the folder holds something else, or
            a picture of the project has changed.

    Example:

    >>> import tempfile
    >>> from fgkeras.bootstrap.project import Project
    >>> project = Project.create(tempfile.mkdtemp())
    >>> write_sets_folder("out", project)
    Traceback (most recent call last):
    ...
    ValueError: Exported are the sets that were applied last. Received: ..., \
where nothing was. Type: fgkeras bootstrap apply ...
    """
    number, facts = applied_sets(project)
    folder, out = project.sets(number), pathlib.Path(out)
    mark = {"kind": "fgkeras bootstrap sets", "number": number} | {
        key: facts[key] for key in ("accepted", "rejected", "test", "sha256")
    }
    _check_free(out, mark)
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / _MARK, mark)
    texts, pictures = {}, {}
    for name in (ACCEPTED, REJECTED, TRAINING):
        if (folder / name).is_file():
            texts[name] = _moved(folder / name, pictures)
    for done, (name, digest) in enumerate(sorted(pictures.items()), 1):
        _copy(project.path / "images", out / "images", name, digest)
        if progress:
            progress(done, len(pictures))
    for name in (CLASSES, FACTS):
        texts[name] = (folder / name).read_text("utf-8")
    for name, text in texts.items():
        write_text(out / name, text)
    return {
        "number": number, "accepted": facts["accepted"],
        "rejected": facts["rejected"], "test": facts["test"],
        "pictures": len(pictures),
    }  # fmt: skip


def applied_sets(project):
    """Returns the number and facts of the sets that were applied last.

    Args:
        project: `Project`.

    Raises:
        ValueError: If none were, or their lists are not there.
    """
    number, facts = project.last_applied()
    if not number:
        raise ValueError(
            "Exported are the sets that were applied last. Received: "
            f"{project.path}, where nothing was. Type: fgkeras bootstrap apply "
            f"{project.path}"
        )
    if project.store.setting("kind") == "settle":
        edited = project.sets(number) / EDITED
        raise ValueError(
            "S and H are of a project with a pool. Received: "
            f"{project.path}, where labels were settled. Its set is csv:"
            f"{edited}, which is trained on as it is."
        )
    if not (project.sets(number) / TRAINING).is_file():
        raise ValueError(
            "The lists of the sets must be there. Received: "
            f"{project.sets(number)} without {TRAINING}. Type: fgkeras "
            f"bootstrap apply {project.path}"
        )
    return number, facts


def _check_free(out, mark):
    found = "which is a file" if out.exists() and not out.is_dir() else None
    if out.is_dir() and any(out.iterdir()):
        found = "which holds something else"
        if (out / _MARK).is_file():
            known = read_json(out / _MARK, "Choose another folder.")
            found = None if known == mark else "which holds other sets"
    if found:
        raise ValueError(
            "Sets go into a new folder, or into one of the same sets. "
            f"Received: {out}, {found}. Choose another (--out)."
        )


def _moved(path, pictures):
    """A list with the pictures beside it; notes them with their checksums."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    with open(path, encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        names = next(rows)
        writer.writerow(names)
        place, digest = names.index("path"), names.index("sha256")
        for row in rows:
            name = row[place].removeprefix(_BEFORE)
            pictures[name] = row[digest]
            row[place] = f"images/{name}"
            writer.writerow(row)
    return file.getvalue()


def _copy(source, out, name, digest):
    target = out / name
    if target.is_file():
        return
    data = (source / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(
            "A picture stays as it was looked at. Received: "
            f"{source / name}, whose bytes have changed since. Restore the "
            "file."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target, size=len(data)) as file:
        file.write(data)
