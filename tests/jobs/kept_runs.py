"""Folders as trainings leave them, made by hand: no model is in them."""

import numpy as np

from fgkeras.config import Config
from fgkeras.evaluation import classification_report
from fgkeras.evaluation import retrieval_report
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.folder import write_arrays
from fgkeras.runs.kept.part import Part
from fgkeras.runs.run_data import RunData
from fgkeras.storage import write_json

NAMES = ["oak", "elm", "<b>ash</b>"]


def hashes(ids):
    return [f"content of {i}" for i in ids]


def kept_run(
    path,
    ids,
    labels,
    right,
    *,
    options=(),
    names=NAMES,
    counts=(200, 40, 5),
    trained=("t1", "t2", "t3"),
    contents=None,
    source="folder:photos",
    **more,
):
    """A finished classifier that answers right where `right` is 1.

    Args:
        path: Path of the folder.
        ids: Sequence of strings, its test images.
        labels: Sequence of ints.
        right: Sequence of 0s and 1s.
        options: Dict of the options it was asked for.
        names: Names of the classes.
        counts: Training images of each class.
        trained: Ids of the training images.
        contents: SHA-256 of the test images; `None` makes them of the ids.
        source: Spec of the images.
        **more: For the metrics.
    """
    labels, right = np.asarray(labels), np.asarray(right)
    answered = np.where(right, labels, (labels + 1) % len(names))
    logits = np.eye(len(names), dtype="float32")[answered]
    folder = _begun(
        path, options, ids, labels, names, trained, contents, source
    )
    write_json(
        folder / "classes.json",
        {
            "class_names": list(names),
            "hierarchy": {},
            "train_counts": list(counts),
        },
    )
    write_arrays(
        folder / "predictions.npz",
        labels=labels,
        logits=logits,
        ids=np.asarray(ids),
    )
    report = classification_report(
        labels, logits, train_counts=counts, class_names=names, num_bootstrap=0
    )
    facts = {"data": source, "split": "test", "seconds": 12.5, **more}
    write_json(folder / "metrics.json", {**report, **facts})
    return folder.path


def kept_embedding(path, ids, labels, embeddings, names=NAMES):
    """A finished embedding of classes that it was not trained on."""
    labels = np.asarray(labels)
    embeddings = np.asarray(embeddings, "float32")
    options = {"method.name": "multi-similarity"}
    folder = _begun(
        path, options, ids, labels, names, ("t1",), None, "folder:photos"
    )
    write_arrays(
        folder / "embeddings.npz",
        labels=labels,
        embeddings=embeddings,
        ids=np.asarray(ids),
        class_names=np.asarray(names),
    )
    report = retrieval_report(embeddings, labels, num_bootstrap=0)
    write_json(
        folder / "metrics.json",
        {"num_images": len(ids), "retrieval": report, "clustering": {}},
    )
    return folder.path


def _begun(path, options, ids, labels, names, trained, contents, source):
    folder = RunFolder(path)
    changes = {"data.source": source, **dict(options)}
    folder.start(Config.read(changes=changes).resolved())
    contents = hashes(ids) if contents is None else contents
    parts = {
        "train": Part(
            "train",
            tuple(trained),
            tuple(names[0] for _ in trained),
            None,
            hashes(trained),
        ),
        "test": Part(
            "test",
            tuple(ids),
            tuple(names[label] for label in labels),
            None,
            list(contents),
        ),
    }
    spec = {"typed": source, "absolute": f"/photos of {source}"}
    RunData({"source": spec}, names, names, parts).write(folder)
    return folder
