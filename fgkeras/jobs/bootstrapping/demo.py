"""A project of drawn flowers that is ready to be labelled."""

import hashlib
import json
import pathlib

from fgkeras.bootstrap.project import Project
from fgkeras.data.flora.source import FloraSource
from fgkeras.jobs.bootstrapping.init import init
from fgkeras.jobs.bootstrapping.next_step import next_step
from fgkeras.jobs.bootstrapping.score import score
from fgkeras.jobs.bootstrapping.train import train
from fgkeras.storage import whole_file
from fgkeras.storage import write_json
from fgkeras.storage import write_text
from fgkeras.training.reporter import CONSOLE
from fgkeras.training.reporter import Reporter

# Twelve species, of which the project knows eight: the others stray in.
SOURCE = (
    "species=12,images=34,test=6,imbalance=1,size=160,difficulty=0.2,seed=5"
)
KNOWN, SEEDS = 8, 14
TRUTH = "truth.json"


class _Bars(Reporter):
    """Shows how far it is, and passes over what a training says."""

    def __init__(self, reporter):
        self._shown = reporter

    def bar(self, title, total=None):
        return self._shown.bar(title, total)


def demo(out="runs/bootstrap_demo", *, reporter=CONSOLE):
    """Makes a project whose first round is open, in about a minute.

    Use it to see the labelling page: drawn flowers of eight species are the
    seed, more of them and of four others the pool. A small network is trained
    and the first part is scored. What was begun goes on.

    Args:
        out: Path of the folder. Defaults to `"runs/bootstrap_demo"`.
        reporter: Who is told how far it is. Defaults to `CONSOLE`.

    Returns:
        `pathlib.Path` of the project.

    Raises:
        ValueError: If something else is in the folder.
    """
    out = pathlib.Path(out)
    path = out / "project"
    if not (out / TRUTH).is_file():
        _draw(out, reporter)
    bars = _Bars(reporter)
    if not path.exists() or not Project(path).store.setting("begun"):
        seed, pool = f"folder:{out / 'seed'}", f"images:{out / 'pool'}"
        init(path, seed, pool, rounds=2, reporter=bars)
    project = Project(path)
    if next_step(project).verb == "train" and not project.rounds():
        changes = {
            "method.name": "softmax",
            "model.backbone": "small_cnn",
            "train.mode": "finetune",
            "data.size": 64,
            "data.batch_size": 32,
            "train.epochs": 16,
            "train.learning_rate": 0.003,
        }
        train(path, changes, reporter=bars)
    if next_step(project).verb == "score" and not project.rounds():
        score(path, reporter=bars)
    return path


def _draw(out, reporter):
    """Writes the flowers as files, their truth beside them."""
    if out.exists() and any(out.iterdir()) and not (out / "seed").is_dir():
        raise ValueError(
            "The demo goes into a new folder. Received: "
            f"out={str(out)!r}, which holds something else. Choose another "
            "(--out)."
        )
    source = FloraSource.from_spec(SOURCE)
    with reporter.bar("drawing flowers") as bar:
        source.prepare(bar)
    names = source.class_names[:KNOWN]
    truth: dict = {}
    for split in ("train", "test"):
        counts = dict.fromkeys(range(source.num_classes), 0)
        part = source.split(split)
        for name, label in zip(part.ids, part.labels.tolist(), strict=True):
            counts[label] += 1
            data = source.read(name)
            digest = hashlib.sha256(data).hexdigest()
            if split == "test" or (label < KNOWN and counts[label] <= SEEDS):
                if label >= KNOWN:
                    continue
                place = out / "seed" / split / names[label]
            else:
                # Named by lot, since a name would tell.
                place = out / "pool"
                truth[digest] = source.class_names[label]
            _write(place / f"{digest[:12]}.jpg", data)
    rows = ["class,description"]
    for k, name in enumerate(names):
        genus = name.split()[0]
        rows.append(
            f"{name},A {genus}; one of {KNOWN} look-alikes (no. {k + 1})"
        )
    write_text(out / "seed" / "classes.csv", "\n".join(rows) + "\n")
    write_json(out / TRUTH, truth)


def _write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file():
        with whole_file(path, size=len(data)) as file:
            file.write(data)


def truth_of(out):
    """Returns the class of each picture of the demo's pool, by checksum.

    Args:
        out: Path of the demo's folder.
    """
    return json.loads((pathlib.Path(out) / TRUTH).read_text("utf-8"))
