"""What a run or an evaluation keeps of its answers, to be compared."""

import dataclasses
import pathlib

import numpy as np

from fgkeras.config import when
from fgkeras.evaluation import relevant_ranks
from fgkeras.evaluation import score_images
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.files import AGAIN
from fgkeras.runs.kept.files import damaged
from fgkeras.runs.kept.files import is_names
from fgkeras.runs.kept.files import is_whole
from fgkeras.runs.kept.metrics import read_metrics
from fgkeras.runs.kept.part import are_places
from fgkeras.runs.kept.predictions import read_predictions
from fgkeras.runs.old_run import is_run
from fgkeras.runs.run_data import RunData
from fgkeras.training.saved_arrays import load_arrays

CLASSIFICATION, RETRIEVAL = "classification", "retrieval"


@dataclasses.dataclass(frozen=True)
class KeptAnswers:
    """The answers in a folder, as `fgkeras train` or `evaluate` left them.

    Args:
        path: `pathlib.Path` of the folder.
        metrics: Dict, its `metrics.json`.
        run: `RunFolder` that they are of, or `None` of an evaluation that
            lies apart from its run.
        data: `RunData` of the run, or `None`.
        kinds: Tuple, of `CLASSIFICATION` and `RETRIEVAL` those that can be
            measured.
        embedding: Bool, whether it is an embedding's.
    """

    path: pathlib.Path
    metrics: dict
    run: RunFolder | None
    data: RunData | None
    kinds: tuple
    embedding: bool

    @classmethod
    def read(cls, path):
        """Reads what there is beside the answers themselves.

        Args:
            path: Path of a run, or of an evaluation in it or elsewhere.

        Raises:
            ValueError: If it is neither, or not finished, or damaged.
        """
        path = pathlib.Path(path)
        if not (path / "metrics.json").exists():
            began = "has not finished: run its command again"
            found = began if is_run(path) else "is no run"
            raise ValueError(
                "RUN must be a folder that `fgkeras train` or `fgkeras "
                "evaluate` finished, with its metrics.json. Received: "
                f"{path}, which {found}. Check its name."
            )
        metrics = read_metrics(path / "metrics.json")
        home = path if is_run(path) else path.parent.parent
        run = None
        if home == path or path.parent.name == "evaluations":
            run = RunFolder(home) if is_run(home) else None
        kinds = []
        if (path / "predictions.npz").exists() and metrics.get("top1"):
            kinds.append(CLASSIFICATION)
        if (path / "embeddings.npz").exists() and metrics.get("retrieval"):
            kinds.append(RETRIEVAL)
        if not kinds:
            raise ValueError(
                "Runs are compared by the answers that they keep. Received: "
                f"{path}, which has neither predictions.npz nor "
                f"embeddings.npz. {AGAIN}"
            )
        data = None if run is None else RunData.read(run)
        embedding = RETRIEVAL in kinds
        return cls(path, metrics, run, data, tuple(kinds), embedding)

    @property
    def own_images(self):
        """Whether the images are the test images that its run recorded."""
        apart = self.run is not None and self.run.path != self.path
        return self.run is not None and (
            not apart or bool(self.metrics.get("own_test_images"))
        )

    @property
    def out_of_fold(self):
        """Whether no answer is of a model that was trained on its image."""
        return bool(self.metrics.get("folds"))

    def content_of(self, ids):
        """Returns the SHA-256 that the run recorded of each image, a list.

        Args:
            ids: Sequence of strings; `None` stands where nothing is known.
        """
        part = None
        if self.data is not None and self.own_images:
            part = self.data.parts.get("test")
        if not part or part.sha256 is None:
            return [None] * len(ids)
        known = dict(zip(part.ids, part.sha256, strict=True))
        return [known.get(i) for i in ids]

    @property
    def source(self):
        """Where the images are from, a string, or `None` if not known."""
        if self.own_images and self.data is not None:
            specs = self.data.sources
            spec = specs.get("test_source") or specs["source"]
            return spec["absolute"] or spec["typed"]
        return self.metrics.get("data")

    def trained_on(self):
        """Returns what the run was trained on: ids, contents and the source.

        The ids are of images of that source alone.
        """
        part = None if self.data is None else self.data.parts.get("train")
        if self.data is None or not part:
            return frozenset(), frozenset(), None
        spec = self.data.sources["source"]
        hashes = frozenset(part.sha256 or ()) - {None}
        return frozenset(part.ids), hashes, spec["absolute"] or spec["typed"]

    def classes(self):
        """Returns names of the classes and their training images.

        Returns:
            Tuple of a list of strings and an integer array, or `None` where
            the numbers are not known.
        """
        rows = self.metrics.get("per_class")
        good = isinstance(rows, list) and all(
            isinstance(row, dict)
            and is_names([row.get("name")])
            and (row.get("train_count") is None or is_whole(row["train_count"]))
            for row in rows
        )
        if not isinstance(rows, list) or not good:
            raise damaged(
                self.path / "metrics.json", "`per_class` is of another kind"
            )
        counts = [row.get("train_count") for row in rows]
        names = [row["name"] for row in rows]
        return names, None if None in counts else np.array(counts, int)

    def answers(self, kind):
        """Reads the answers themselves.

        Args:
            kind: `CLASSIFICATION` or `RETRIEVAL`.

        Returns:
            Tuple of the ids, an array of strings; the names of the classes of
            the images, an array; and the answers: logits with their labels,
            or embeddings.
        """
        if kind == CLASSIFICATION:
            names, _ = self.classes()
            path = self.path / "predictions.npz"
            found = read_predictions(path, len(names))
            labels, out = found["labels"], (found["logits"], found["labels"])
        else:
            path = self.path / "embeddings.npz"
            wanted = ("labels", "embeddings", "ids", "class_names")
            found = load_arrays(path, AGAIN, wanted)
            names, labels = found["class_names"], found["labels"]
            out = found["embeddings"]
            if not are_places(labels, len(found["ids"]), len(names)):
                raise damaged(path, "its labels must be a class for each image")
            if out.ndim != 2 or len(out) != len(labels):
                raise damaged(path, "it must have an embedding for each image")
            if out.dtype.kind != "f" or not np.isfinite(out).all():
                raise damaged(path, "its embeddings must be finite numbers")
            out = (out, labels)
        ids = np.array([str(i) for i in found["ids"]])
        if len(np.unique(ids)) < len(ids):
            raise damaged(path, "an image stands there twice")
        return ids, np.asarray(names, str)[labels], out

    @property
    def facts(self):
        """What it cost and what it is, a dict ready for JSON."""
        known = self.metrics
        seconds = known.get("seconds") if self.own_images else None
        facts = {
            "folder": str(self.path),
            "seconds": seconds,
            "parameters": known.get("parameters"),
            "data": known.get("data"),
            "split": known.get("split"),
        }
        if self.run is not None:
            config = self.run.config()
            named = config.method.name
            if when.TRAINED(config):
                named = config.loss.name
                if when.weights_classes(config):
                    named = f"class-weighted {named}"
            facts["method"] = named
            facts["mode"] = config.train.mode
        return facts


def classification_values(answers, places):
    """Returns what a classifier made of each image: right, and among five.

    Args:
        answers: Tuple of logits and labels.
        places: Integer array, the images that count, in their order.

    Returns:
        Dict of `right` and, with more than five classes, `among_five`, bool
        arrays.
    """
    logits, labels = answers
    scored = score_images(labels[places], logits[places])
    out = {"right": scored.correct}
    if scored.num_classes > 5:
        out["among_five"] = scored.rank < 5
    return out


def retrieval_values(answers, places):
    """Returns what an embedding made of each image as a query.

    Args:
        answers: Tuple of embeddings and labels.
        places: Integer array, the images that are queries and gallery.

    Returns:
        Dict of float arrays: `found` (1 where the nearest image is of the
        class), `precision` (R-precision) and `average` (AP at R); NaN for
        queries whose class has no other image.
    """
    embeddings, labels = answers
    ranks = relevant_ranks(embeddings[places], labels[places])
    found = np.where(ranks.answerable, ranks.first_rank == 1, np.nan)
    return {
        "found": found,
        "precision": ranks.r_precision,
        "average": ranks.average_precision_at_r,
    }
