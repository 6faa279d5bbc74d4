"""What each verb says after the data of a run changed."""

import contextlib
import io
import json
import os
import pathlib
import shutil

from experiments.data_changes import sets
from fgkeras.cli.main import main

TASKS = {
    "classifier": ["--epochs", "2"],
    "embedding": [
        *("--method", "contrastive", "--mode", "frozen", "--epochs", "2"),
        *("--dim", "8"),
    ],
    "unseen": [
        *("--method", "contrastive", "--mode", "frozen", "--epochs", "2"),
        *("--dim", "8", "--classes", "0:2", "--test-classes", "2:4"),
        *("--test-split", "*"),
    ],
}
MOVES = ("moved", "another of that name", "other current folder")
VERBS = ("train", "evaluate", "evaluate --data", "retrieve")


class Said:
    """The outcome of one verb: status, output, and a number if there is one."""

    def __init__(self, status, text, found):
        self.status, self.text, self.found = status, text, found

    @property
    def number(self):
        """Top-1 accuracy or Recall@1, or `None`."""
        if not self.found or "queries" in self.found:
            return None
        top1 = self.found.get("top1")
        if top1:
            return round(100 * top1["value"], 1)
        recall = self.found["retrieval"]["recall_at"]["1"]
        return round(100 * recall["value"], 1)

    @property
    def images(self):
        """How many images the number is of, or the gallery's size."""
        if not self.found:
            return None
        return self.found.get("num_images", self.found.get("num_gallery"))


def call(words):
    """Runs one command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    try:
        found = json.loads(out.getvalue())
    except ValueError:
        found = None
    return Said(status, err.getvalue().strip(), found)


class Bench:
    """A trained run and its set, to be copied and changed.

    Args:
        root: Path of an empty folder.
        form: One of `sets.FORMS`.
        task: One of `TASKS`.
    """

    def __init__(self, root, form, task):
        self.root, self.form, self.task = pathlib.Path(root), form, task
        self.root.mkdir(parents=True)
        with contextlib.chdir(self.root):
            self.spec = sets.write(form, "photos", sets.pictures())
            self.trained = call(self._train("run"))
        if self.trained.status:
            raise RuntimeError(self.trained.text)

    def _train(self, out):
        return [
            *("train", "--data", self.spec, *TASKS[self.task]),
            *("--set", "data.size=32", "--set", "evaluation.resamples=0"),
            *("--set", "train.save_seconds=1000", "--batch-size", "12"),
            *("--out", out, "--json"),
        ]

    def after(self, change, verbs=VERBS):
        """Yields `(verb, Said)` for each verb, after a change."""
        place = self.root.parent / "copy"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.root, place / "home", symlinks=True)
        home = place / "home"
        # The copy is where the run was trained.
        self._at(home)
        here, spec = home, self.spec
        with contextlib.chdir(home):
            if change in sets.CHANGES:
                sets.write(
                    self.form, "photos", sets.CHANGES[change](sets.pictures())
                )
            elif change == "moved":
                for old in home.glob("photos*"):
                    old.rename(home / old.name.replace("photos", "moved"))
                spec = spec.replace("photos", "moved")
            else:
                here = place / "elsewhere"
                here.mkdir()
                if change == "another of that name":
                    sets.write(
                        self.form,
                        here / "photos",
                        sets.other_pictures(sets.pictures()),
                    )
                spec = str(spec).replace(":", f":{home}{os.sep}", 1)
        query = place / "query.png"
        query.write_bytes(sets.encoded(sets.pictures()[0]))
        run = str(home / "run")
        lines = {
            "train": self._train(run),
            "evaluate": ["evaluate", run, "--json"],
            "evaluate --data": ["evaluate", run, "--data", spec, "--json"],
            "retrieve": ["retrieve", run, "--query", str(query), "--json"],
        }
        with contextlib.chdir(here):
            for verb in verbs:
                yield verb, call(lines[verb])

    def fault(self, change, verb, said):
        """Says what is wrong with an outcome, or returns `None`.

        A number of the run's own images is right if it is that of the
        training; one of `--data` if it is of as many images as are there and
        were not trained on. A refusal is right if it says a way out.
        """
        if said.status:
            ways = ("--out", "--data", "--gallery", "needs an existing")
            rules = ("must be among those of the run", "two images or more")
            if any(w in said.text for w in (*ways, *rules)):
                return None
            return f"no way out: {said.text}"
        same = change in ("nothing", "classes reordered", *MOVES)
        if verb == "evaluate --data" and (not same or self.task == "unseen"):
            wanted = len(self._fresh(change))
            return None if said.images == wanted else f"{said.images} images"
        # The classes of a choice are known by name.
        same |= change == "class added" and self.task == "unseen"
        if verb == "train" and not same:
            return "an old result for other data"
        if verb == "retrieve":
            wanted = self._trained_images
            return None if said.images == wanted else f"{said.images} images"
        found = (said.number, said.images)
        wanted = (self.trained.number, self.trained.images)
        return None if found == wanted else f"{found} in place of {wanted}"

    @property
    def _trained_images(self):
        return len(self._data["images"]["train"]["ids"])

    @property
    def _data(self):
        return json.loads((self.root / "run" / "data.json").read_text())

    def _fresh(self, change):
        """The pictures there are after a change that were not trained on."""
        before = {pathlib.PurePath(r.name).name: r for r in sets.pictures()}
        names = self._data["images"]["train"]["ids"]
        trained = {before[pathlib.PurePath(i).name].seed for i in names}
        rows = sets.CHANGES.get(change, list)(sets.pictures())
        if self.form != "folder" and self.task != "unseen":
            rows = [r for r in rows if r.split == "test"]
        # By what they show, and in the same place by their ids.
        places = (
            {r.name, f"{r.label}/{r.name}", f"{r.split}/{r.label}/{r.name}"}
            for r in rows
        )
        known = set(names)
        return [
            r
            for r, ids in zip(rows, places, strict=True)
            if r.seed not in trained and not ids & known
        ]

    def _at(self, home):
        """Lets the copied run say that it was trained where it lies now."""
        path = home / "run" / "data.json"
        data = json.loads(path.read_text())
        for spec in data["sources"].values():
            spec["absolute"] = spec["absolute"].replace(
                str(self.root), str(home)
            )
        path.write_text(json.dumps(data))
