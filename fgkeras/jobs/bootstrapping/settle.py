"""A queue of likely label errors, settled on the labelling page."""

import dataclasses
import pathlib

import numpy as np

from fgkeras.bootstrap.edited_source import SPLIT
from fgkeras.bootstrap.ingest import ingest
from fgkeras.bootstrap.project import Project
from fgkeras.bootstrap.store import Candidate
from fgkeras.bootstrap.store import Labellers
from fgkeras.bootstrap.store import open_round
from fgkeras.bootstrap.store.classes import set_classes
from fgkeras.data.open import open as open_source
from fgkeras.data.sources.split import joined_splits
from fgkeras.data.spec import absolute_spec
from fgkeras.data.spec import same_source
from fgkeras.storage import read_json
from fgkeras.training.reporter import CONSOLE

KINDS = ("wrong_label", "copy_with_other_label")


def settle(path, source, suspects, *, labeller="me", reporter=CONSOLE):
    """Begins a project in which people settle likely label errors.

    What `fgkeras data suspects` found is shown beside pictures of the class it
    has and of the one that it may be: keep, rename, remove. `apply` writes the
    set as it is then.

    Args:
        path: Path of the project's folder.
        source: String that opens the labelled images.
        suspects: Path of the folder, or of the `suspects.json`, of that set.
        labeller: String, the name of the first labeller. Defaults to `"me"`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        Dict `project`, `images`, `classes` and `suspects`, how many there are.

    Raises:
        ValueError: If the suspects are of another set, or there are none.
    """
    file = pathlib.Path(suspects)
    file = file / "suspects.json" if file.is_dir() else file
    found = read_json(file, "Make it anew with `fgkeras data suspects`.")
    # What is relative means another place in another folder.
    found_in = found.get("source_absolute", found.get("source", ""))
    if not same_source(found_in, source):
        raise ValueError(
            "Suspects are settled in the set they were found in. Received: "
            f"those of {found_in}, and --data {source}."
        )
    rows = [row for row in found["rows"] if row["kind"] in KINDS]
    if not rows:
        raise ValueError(
            "There must be suspects of labels. Received: "
            f"{file}, which lists none."
        )
    opened = open_source(source)
    project = Project.create(path)
    with project.working():
        store = project.store
        kind = store.setting("kind")
        sources = {"seed": absolute_spec(source)}
        if kind is not None and (
            kind != "settle" or store.setting("sources") != sources
        ):
            raise ValueError(
                "A project goes on with what it was begun for. Received: "
                f"{path}, begun for {store.setting('sources')}. Choose "
                "another folder."
            )
        with store.writing() as db:
            set_classes(db, opened.class_names, opened.descriptions)
        for name, value in (
            ("suspects", str(file.resolve())),
            ("kind", "settle"),
            ("sources", sources),
            ("rounds", 1),
            ("seed", 0),
            (
                "descriptions",
                {k: v for k, v in opened.descriptions.items() if v},
            ),
            ("hierarchy", {k: list(v) for k, v in opened.hierarchy.items()}),
        ):
            store.set(name, value)
        with reporter.bar("looking at all images") as bar:
            seen = ingest(
                store, opened, "seed", _whole(opened),
                classes=range(opened.num_classes), progress=bar,
            )  # fmt: skip
        Labellers(store).add(labeller)
        candidates = _candidates(store, opened, rows)
        manifest = {
            "round": 1,
            "strategy": {"name": "settle"},
            "suspects": [[c.image, c.of_class, c.rival] for c in candidates],
        }
        open_round(store, 1, manifest, candidates)
        store.set("begun", True)
    return {
        "project": str(path),
        "images": seen.count,
        "classes": opened.num_classes,
        "suspects": len(candidates),
    }


def _whole(source):
    """All labelled images, each once, with the split that holds it."""
    parts = []
    for name, part in source.splits.items():
        text = np.array([name] * len(part), object)
        parts.append(
            dataclasses.replace(part, columns={**part.columns, SPLIT: text})
        )
    joined = joined_splits(parts)
    first: dict = {}
    for place, image_id in enumerate(joined.ids):
        if joined.labels[place] >= 0:
            first.setdefault(image_id, place)
    return joined.take(list(first.values()))


def _candidates(store, source, rows):
    """Suspects, each image once, the surest first within its class."""
    with store.reading() as db:
        images = {
            row["name"]: row["id"]
            for row in db.execute("SELECT id, name FROM image")
        }
    number = {name: k for k, name in enumerate(source.class_names)}
    found: dict = {}

    def add(name, of_class, rival):
        if name in images and of_class is not None:
            pair = number[of_class], None if rival is None else number[rival]
            found.setdefault(images[name], pair)

    for row in sorted(rows, key=lambda row: -row["score"]):
        add(row["file"], row["class"], row["other_class"])
        if row["kind"] == "copy_with_other_label":
            # Either may be the wrong one.
            add(row["other"], row["other_class"], row["class"])
    ranks: dict = {}
    out = []
    for image, (of_class, rival) in found.items():
        rank = ranks[of_class] = ranks.get(of_class, -1) + 1
        rival = None if rival == of_class else rival
        out.append(Candidate(image, of_class, rival, None, None, rank))
    return out
