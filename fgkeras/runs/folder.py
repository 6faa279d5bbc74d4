"""What a run folder is made of, and how it is read and written."""

import contextlib
import datetime
import os
import pathlib
import platform

import numpy as np

import fgkeras
from fgkeras.config import Config
from fgkeras.data.images.image import DECODER_VERSION
from fgkeras.data.images.image import EARLIER_DECODER
from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import read_classes
from fgkeras.runs.kept.files import read_history
from fgkeras.runs.kept.files import read_object
from fgkeras.runs.kept.metrics import read_metrics
from fgkeras.runs.kept.spent import FILE as SPENT
from fgkeras.runs.kept.spent import read_spent
from fgkeras.runs.old_run import checkpoints_of
from fgkeras.runs.old_run import is_beginning
from fgkeras.runs.old_run import is_run
from fgkeras.runs.old_run import remove_parts
from fgkeras.runs.old_run import remove_run
from fgkeras.storage import DiskRefusal
from fgkeras.storage import FolderLock
from fgkeras.storage import Journal
from fgkeras.storage import whole_file
from fgkeras.storage import write_json
from fgkeras.storage import write_text

# What a config of another shape ends in.
_NO_CONFIG = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_JOURNAL, _HEADER = "journal.jsonl", "a run of fgkeras"


def write_arrays(path, **arrays):
    """Writes an `.npz` file whole or not at all.

    Args:
        path: Path of the file.
        **arrays: Arrays by name.
    """
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    size = sum(array.nbytes for array in arrays.values())
    with whole_file(path, size=size) as file:
        np.savez(file, **arrays)


class RunFolder:
    """The folder of one run.

    | file | what |
    | --- | --- |
    | `config.json` | what was asked and what it came to; `--config` takes it |
    | `data.json` | sources, classes and images, to know them again |
    | `environment.json` | versions and machine |
    | `classes.json` | class names, hierarchy, training images per class |
    | `training_ids.txt` | ids of the training images, after any cut |
    | `stage_images.json` | contents of images that stages alone trained on |
    | `beta.json` | the beta that was measured, if one was |
    | `untrained.npz` | what the features of an embedding told before training |
    | `history.csv` | one line per epoch |
    | `journal.jsonl` | what has happened: begun, stages ended, finished |
    | `checkpoints/` | complete training states |
    | `model.keras` | the classifier, raw pixels to logits |
    | `parity_pictures.npz` | some pictures, to compare exports with the model |
    | `adjustment.json` | what is done to the logits since, if anything |
    | `calibration_predictions.npz` | the same of calibration images |
    | `known_vectors.npz` | vectors of training images, to tell unknown ones |
    | `trust.json` | which sets it answers since, if others than usual |
    | `predictions.npz` | labels and logits of the test images |
    | `predictions.csv` | of each its file, class, answer and next best |
    | `spent.json` | the time so far, of a run that has not ended |
    | `embeddings.npz` | the same of a metric run, with embeddings |
    | `metrics.json` | the numbers of the evaluation |
    | `report.html` | all of it to look at |
    | `evaluations/` | later evaluations, a folder each |

    Args:
        path: Path of the folder.

    Example:

    >>> from fgkeras.jobs import train
    >>> config = Config.read(changes={
    ...     "data.source": "flora:species=3,images=8,test=2,size=32",
    ...     "data.size": 32, "model.backbone": "small_cnn",
    ...     "train.mode": "frozen", "train.epochs": 1,
    ... })
    >>> _ = train(config, "runs/flowers")
    >>> folder = RunFolder.open("runs/flowers")
    >>> folder.finished, folder.classes()["train_counts"]
    (True, [8, 1, 1])
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __truediv__(self, name):
        return self.path / name

    @property
    def finished(self):
        """Whether the run has ended, was evaluated and is written whole."""
        if not (self / "metrics.json").exists():
            return False
        # Runs of earlier versions kept no journal.
        events = self.events()
        return not events or any(e["event"] == "finished" for e in events)

    def events(self):
        """Returns what has happened to the run, a list of dicts."""
        if not (self / _JOURNAL).exists():
            return []
        # With the header, since a kill or a full disk may have cut it.
        found = Journal(self / _JOURNAL, _HEADER).events()
        return [e for e in found if isinstance(e, dict) and "event" in e]

    def note(self, event, **facts):
        """Notes in the journal what has happened; it is on the disk then.

        What was noted before, with the same facts, is not noted again, except
        that the training began.

        Args:
            event: String, such as `"finished"`.
            **facts: What is ready for JSON.
        """
        facts = {"event": event, **facts}
        before = [e for e in self.events() if facts.items() <= e.items()]
        if event == "begun" or not before:
            now = datetime.datetime.now().astimezone()
            at = now.isoformat("T", "seconds")
            Journal(self / _JOURNAL, _HEADER).append({**facts, "at": at})

    @contextlib.contextmanager
    def taken(self):
        """Keeps other processes out, and makes the folder if it is new.

        Raises:
            ValueError: If another process trains in it.
        """
        made = not self.path.exists()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskRefusal(error, self.path) from error
        try:
            with FolderLock(self.path):
                yield
        finally:
            if made and self.path.is_dir() and not any(self.path.iterdir()):
                # What was refused leaves nothing behind.
                self.path.rmdir()

    @property
    def begun(self):
        """Whether something was trained already."""
        if not is_run(self.path):
            return False
        names = checkpoints_of(self.config())
        return any((self / "checkpoints" / name).exists() for name in names)

    def spent(self, config):
        """Returns the seconds that a run of this config took here before."""
        if not is_run(self.path) or self.config().differences(config):
            return 0.0
        return read_spent(self / SPENT)

    def best(self, stage):
        """Returns the path of the best weights of a stage."""
        return self / "checkpoints" / f"{stage}-best.npz"

    def checkpoint(self, stage):
        """Returns the path of the training state of a stage, by its name."""
        return self / "checkpoints" / f"{stage}.npz"

    def check(self, config, restart=False):
        """Checks that a run of this config may go into the folder.

        Returns:
            Whether a run lies there that goes on or has ended.

        Raises:
            ValueError: If it holds a run of another config, or other files.
        """
        known = self / "config.json"
        if not known.exists() and not known.is_symlink():
            self._check_place()
            if self.path.exists() and not is_beginning(self.path):
                raise ValueError(
                    "A run needs a new or empty folder. Received: "
                    f"{self.path}, which holds other files and no config.json. "
                    "Choose another one (--out)."
                )
            return False
        if not is_run(self.path):
            raise ValueError(
                "A run goes into a new folder, or replaces a run. Received: "
                f"{self.path}, whose config.json is not that of a run. Choose "
                "another folder (--out)."
            )
        there = self.begun or self.finished
        if restart or not there:
            return False
        differing = [
            f"{name}: {there!r} there, {asked!r} asked"
            for name, (there, asked) in self.config()
            .differences(config)
            .items()
        ]
        if differing:
            raise ValueError(
                "A run folder continues only its own run. Received: "
                f"{self.path}, whose config.json differs in "
                f"{'; '.join(differing)}. "
                "Choose another folder (--out), or --restart to replace it."
            )
        return True

    def _check_place(self):
        """Refuses what is no folder, or where none can be made."""
        for place in (self.path, *self.path.absolute().parents):
            if not place.exists() and not place.is_symlink():
                continue
            if not place.is_dir():
                raise ValueError(
                    "A run goes into a folder. Received: "
                    f"{self.path}, where {place} is none. Choose another "
                    "one (--out)."
                )
            if not os.access(place, os.W_OK | os.X_OK):
                raise ValueError(
                    "A run goes into a folder that may be written. Received: "
                    f"{self.path}, where {place} may not. Choose another one "
                    "(--out), or change its rights."
                )
            return

    def start(self, config, restart=False):
        """Makes the folder, or goes on in it; `restart` replaces a run.

        Raises:
            ValueError: As `check`; nothing is removed then.
        """
        self.check(config, restart)
        if restart and (self / "config.json").exists():
            # Nothing of the old run may pass as a part of the new one.
            remove_run(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        remove_parts(self.path)
        # First of all, since it says that what comes after is ours.
        seen = {"decoder": config.decoder or DECODER_VERSION}
        write_json(self / "config.json", {**config.as_json(), **seen})
        write_json(self / "environment.json", environment())
        (self / "checkpoints").mkdir(exist_ok=True)
        self.note("begun", fgkeras=fgkeras.__version__, pid=os.getpid())

    @classmethod
    def open(cls, path):
        """Opens a finished run.

        Raises:
            ValueError: If there is none, or it has not finished.
        """
        folder = cls(path)
        if not (folder / "config.json").exists():
            raise ValueError(
                "RUN must be a folder made by `fgkeras train` or `fgkeras "
                f"demo`. Received: {path}, which has no config.json. Check its "
                "name, or train again."
            )
        if not (folder / "model.keras").exists():
            raise ValueError(
                f"The run has not finished. Received: {path}, which has no "
                "model.keras. Run its "
                "training command again: it goes on where it stopped."
            )
        return folder

    def config(self):
        """Returns the resolved `Config` of the run."""
        stored = self.read_json("config.json")
        try:
            if not isinstance(stored.get("resolved", {}), dict):
                raise TypeError("'resolved' must be an object")
            config = Config.of_run(stored)
        except _NO_CONFIG as error:
            raise damaged(self / "config.json", str(error)) from error
        # Runs of earlier versions do not say by which one they saw pictures.
        decoder = stored.get("decoder", EARLIER_DECODER)
        if decoder not in (EARLIER_DECODER, DECODER_VERSION):
            raise ValueError(
                "`decoder` of a run's config.json is "
                f"{EARLIER_DECODER} or {DECODER_VERSION}. Received: "
                f"{decoder!r} in {self.path}. It may be of a later version of "
                "fgkeras: install that one."
            )
        return config.seen_by(decoder)

    def read_json(self, name):
        """Returns the dict that one of its JSON files holds."""
        return read_object(self / name)

    def metrics(self):
        """Returns what `metrics.json` says, a dict, checked."""
        return read_metrics(self / "metrics.json")

    def classes(self):
        """Returns what `classes.json` says, a dict, checked."""
        return read_classes(self / "classes.json")

    def write_classes(self, source, counts, **more):
        """Writes `classes.json`: names, parents, training images, and `more`.

        Args:
            source: The `Source` trained on.
            counts: Integer array, training images per class.
            **more: What else is ready for JSON.
        """
        write_json(
            self / "classes.json",
            {
                "class_names": list(source.class_names),
                "hierarchy": {k: list(v) for k, v in source.hierarchy.items()},
                "train_counts": counts.tolist(),
                **more,
            },
        )

    def write_history(self, history):
        """Writes `history.csv` from a list of dicts."""
        columns = list(dict.fromkeys(k for row in history for k in row))
        lines = [",".join(columns)]
        lines += [
            ",".join(str(row.get(k, "")) for k in columns) for row in history
        ]
        write_text(self / "history.csv", "\n".join(lines) + "\n")

    def history(self):
        """Returns the lines of `history.csv` as a list of dicts."""
        return read_history(self / "history.csv")

    def training_facts(self):
        """What the training itself noted in the metrics."""
        if not self.finished:
            return {}
        known = self.metrics()
        names: tuple[str, ...] = (
            "seconds",
            "parameters",
            "refused",
            "monitored_split",
            "kernel",
        )
        names += ("batch_statistics", "at_chance", "beta")
        names += ("val", "kept", "stages", "untrained")
        return {name: known[name] for name in names if name in known}


def environment():
    """Returns versions and machine as a dict."""
    import keras
    import numpy

    versions = {"keras": keras.__version__, "numpy": numpy.__version__}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        versions["tensorflow"] = tf.__version__
    return {
        "fgkeras": fgkeras.__version__,
        "python": platform.python_version(),
        "backend": keras.backend.backend(),
        **versions,
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
    }
